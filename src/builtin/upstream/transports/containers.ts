import { createHash, randomBytes } from 'node:crypto';
import os from 'node:os';
import { messageOf } from '../../../platform/errors';
import { sentence } from '../../../platform/sentence';
import { substitute } from '../../../servers/variables';
import type { Transport, TransportEvents } from './transport';
import type { ChildProcesses } from './child-processes';
import {
  containerCommand,
  ownerLabel,
  pullCommand,
  runLabel,
  type ContainerDefinition,
} from './container-command';
import { ContainerTransport } from './container';
import { docker } from './docker-client';

/** The containers of one gateway, which is identified by its state folder. */
export class Containers {
  readonly #gateway: string;
  /** Identifies this run: host, process id, and a random number in case a process id is reused. */
  readonly #run = `${os.hostname()}/${process.pid}/${randomBytes(4).toString('hex')}`;
  #next = 1;
  #swept = false;

  constructor(
    readonly processes: ChildProcesses,
    state: string,
  ) {
    this.#gateway = createHash('sha256').update(state).digest('hex').slice(0, 16);
  }

  /** Starts a server in a container. Throws when a variable has no value. */
  open(
    definition: ContainerDefinition,
    events: TransportEvents,
    lookup: (name: string) => string | undefined,
    folder: string,
  ): Transport {
    const name = `mcp-gateway-${this.#gateway}-${process.pid}-${this.#next++}-${randomBytes(3).toString('hex')}`;
    const owner = { gateway: this.#gateway, run: this.#run };
    const command = containerCommand(definition, name, owner, lookup, folder);
    const reference = substitute(definition.image, lookup);
    const pull = pullCommand(reference, folder);
    if (!this.#swept) {
      this.#swept = true;
      this.#sweep().catch((error: unknown) =>
        events.log(sentence(`[gateway] Containers of an earlier run may still exist: ${messageOf(error)}`)),
      );
    }
    return new ContainerTransport(
      this.processes,
      { command, pull, reference, name, image: definition.image },
      events,
    );
  }

  /** Removes containers that an earlier run of this gateway left behind when it was killed. */
  async #sweep(): Promise<void> {
    const format = `{{.ID}} {{.Label "${runLabel}"}}`;
    const filter = `label=${ownerLabel}=${this.#gateway}`;
    const { stdout } = await docker('ps', '--all', '--filter', filter, '--format', format);
    const left = stdout
      .split('\n')
      .map((line) => line.split(' '))
      .flatMap(([id = '', maker = '']) => (id !== '' && !this.#runs(maker) ? [id] : []));
    if (left.length > 0) await docker('rm', '--force', ...left);
  }

  #runs(maker: string): boolean {
    if (maker === this.#run) return true;
    const [host, pid] = maker.split('/');
    if (host !== os.hostname() || Number(pid) === process.pid) return false;
    try {
      process.kill(Number(pid), 0);
      return true;
    } catch {
      return false;
    }
  }
}
