import { messageOf } from '../../platform/errors';
import type { Logger } from '../../platform/log';
import { sentence } from '../../platform/sentence';
import { LogBuffer } from './buffer';
import { Redactor } from '../../platform/redact';

/** A source of state changes of servers. */
export interface StateSource {
  onChanged(listener: (server: ReportingServer) => void): unknown;
}

interface ReportingServer {
  readonly name: string;
  report(): { state: string; error: { message: string } | null };
}

/** The logs of the gateway and of its servers. Secrets are removed from all of them. */
export class Logs {
  readonly redactor: Redactor;
  readonly #own: LogBuffer;
  readonly #ofServers = new Map<string, LogBuffer>();

  constructor(
    secrets: readonly string[],
    readonly log: Logger,
  ) {
    this.redactor = new Redactor(secrets);
    this.#own = new LogBuffer(this.redactor.redact);
  }

  /** Writes a problem to the gateway's own log. */
  readonly note = (problem: string): void => this.#write('warn', problem);

  /** Writes a failure that was not caused by a client. */
  readonly fault = (problem: string, error: unknown): void =>
    this.note(sentence(`${problem}: ${messageOf(error)}`));

  /** Creates the log of a server. */
  readonly forServer = (name: string): LogBuffer => {
    const buffer = new LogBuffer(this.redactor.redact);
    this.#ofServers.set(name, buffer);
    return buffer;
  };

  /** The log of a server. The name `gateway` returns the gateway's own log. */
  readonly find = (name: string): LogBuffer | undefined =>
    this.#ofServers.get(name) ?? (name === 'gateway' ? this.#own : undefined);

  /** Logs each change of a server's state. */
  follow(registry: StateSource): void {
    const last = new Map<string, string>();
    registry.onChanged((server) => {
      const { state, error } = server.report();
      if (last.get(server.name) === state) return;
      last.set(server.name, state);
      const name = `The server "${server.name}"`;
      const message = error ? `${name} has failed. ${error.message}` : `${name} is ${state}.`;
      this.#write(state === 'failed' ? 'warn' : 'info', message);
    });
  }

  #write(level: 'info' | 'warn', message: string): void {
    this.#own.add(`${new Date().toISOString()} ${message}`);
    this.log.log(level, this.redactor.redact(message));
  }
}
