import { partOf, type Kind } from '../kind';
import type { GatewayAddress } from '../address';
import { spawn } from 'node:child_process';
import { mkdir, open, rename } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { sidecar } from '../../devcontainer/sidecar';
import { AppError, systemCode } from '../../platform/errors';
import { readTextIfExists } from '../../platform/files';
import { adminTokenFile, adminTokenVariable } from '../resolve/admin-token';
import { lastWords } from '../watch/diagnosis';
import { folderChanges } from '../watch/folder-changes';
import { followFile } from './follow-file';
import type { GatewayManager, GatewayOverview, LogsOptions, UpOptions, WorkOptions } from '../manager';
import { processIdentity } from '../../platform/process-identity';
import {
  listeningUrl,
  readLog,
  readRecord,
  removeRecord,
  stillRuns,
  writeRecord,
  type ProcessFiles,
  type ProcessRecord,
} from './record';
import { textRedaction } from '../../platform/redact';
import type { ServerReport } from '../../servers/api-types';
import { whileLocked } from './start-lock';
import { isFresh, type Finding, type GatewayState } from '../watch/state';
import { tokenInFile } from '../resolve/token';
import { settle, type Look, type Subject } from '../watch/watch';
import { step } from '../../platform/next-step';
import { sentence } from '../../platform/sentence';

/** What a gateway process of this machine is started with. */
export interface LocalSettings {
  workspace: string;
  /** The servers file. */
  servers: string;
  files: ProcessFiles;
  /** The gateway program. */
  program: string;
  /** Names of variables that the servers file may refer to. */
  variables: readonly string[];
}

/** Longer than one request to a gateway that hangs. */
const statusMs = 7000;
const startMs = 60_000;
/** The gateway gives its servers a few seconds to end; then it is killed. */
const stopMs = 10_000;

/** The gateway as a detached process of this machine: for a workspace without a dev container, or without an engine. */
export class LocalProcessManager implements GatewayManager {
  readonly subject: Subject;

  constructor(
    readonly settings: LocalSettings,
    readonly env: NodeJS.ProcessEnv,
    readonly kind: Kind,
  ) {
    this.subject = {
      kind,
      look: async () => await this.#look(),
      // The pid file, and the log, which tells the address.
      changes: (signal) => folderChanges(settings.files.stateDir, ['gateway.pid', 'gateway.log'], signal),
    };
  }

  async status(signal: AbortSignal): Promise<GatewayOverview> {
    return await this.#overview(await settle(this.subject, { timeoutMs: statusMs, signal }));
  }

  async up(options: UpOptions): Promise<GatewayOverview> {
    return await this.#up(options, await readRecord(this.settings.files));
  }

  /** Without names of variables of its own it is started with those of the last time. */
  async #up(
    { signal, progress, timeoutMs }: UpOptions,
    last: ProcessRecord | undefined,
  ): Promise<GatewayOverview> {
    const { variables, files } = this.settings;
    await mkdir(files.stateDir, { recursive: true, mode: 0o700 });
    await whileLocked(files.lockFile, signal, async () => {
      if (await this.#running()) {
        progress('The gateway is already running.');
        return;
      }
      progress('Starting the gateway.');
      await this.#start(variables.length > 0 ? variables : (last?.variables ?? []));
    });
    return await this.#overview(await this.#settled(timeoutMs, signal));
  }

  async down({ signal, progress }: WorkOptions): Promise<GatewayOverview> {
    progress('Stopping the gateway.');
    await this.#stop(signal);
    return await this.status(signal);
  }

  async restart(options: WorkOptions): Promise<GatewayOverview> {
    const last = await readRecord(this.settings.files);
    if (!last) throw this.#notRunning();
    await this.#stop(options.signal);
    return await this.#up({ ...options, build: false, timeoutMs: startMs }, last);
  }

  async restartServer(name: string, signal: AbortSignal): Promise<ServerReport> {
    return await partOf(this.kind, 'lifecycle')(await this.address()).restartServer(name, signal);
  }

  async *logs(server: string | undefined, { follow, tail, signal }: LogsOptions): AsyncGenerator<string> {
    if (server !== undefined) {
      const api = partOf(this.kind, 'logs')(await this.address());
      yield* follow ? api.followLog(server, tail, signal) : await api.log(server, tail, signal);
      return;
    }
    const redact = textRedaction([await tokenInFile(this.settings.files.tokenFile)]);
    for await (const line of followFile(this.settings.files.logFile, { follow, tail, signal }))
      yield redact(line);
  }

  async address(): Promise<GatewayAddress> {
    const address = await localAddress(this.settings.files);
    if (address) return address;
    throw this.#notRunning();
  }

  async adminToken(): Promise<string | undefined> {
    return await tokenInFile(path.join(this.settings.files.stateDir, adminTokenFile));
  }

  #notRunning(): AppError {
    return new AppError('unreachable', `No gateway process is running for ${this.settings.workspace}.`, {
      next: step('Start the gateway.', 'up', '--local'),
    });
  }

  async #look(): Promise<Look> {
    const { files } = this.settings;
    const record = await readRecord(files);
    if (!record) {
      const next = step('Start the gateway.', 'up', '--local');
      return {
        finding: { type: 'stopped', reason: 'No gateway process is running for this workspace.', next },
      };
    }
    const run = `${record.pid} ${record.identity}`;
    if (!(await stillRuns(record))) return { finding: await this.#ended(), run };
    const address = await localAddress(files);
    const { pid, startedAt } = record;
    if (address) return { finding: { type: 'running', url: address.url.href, startedAt }, run, address };
    if (isFresh(startedAt, new Date().toISOString()))
      return { finding: { type: 'running', url: null, startedAt }, run };
    const reason = `Process ${pid} is running, but does not listen yet.`;
    const next = step("Look at the gateway's log, then restart the gateway.", 'restart', '--local');
    return { finding: { type: 'silent', url: null, reason, next }, run };
  }

  /** The record outlives only a process that was not stopped by us. */
  async #ended(): Promise<Finding> {
    const redact = textRedaction([await tokenInFile(this.settings.files.tokenFile)]);
    const log = (await readLog(this.settings.files)).slice(-30).map(redact);
    const words = lastWords(log);
    return {
      type: 'failed',
      exitCode: null,
      log,
      reason: sentence(`The gateway process ended by itself${words === undefined ? '' : `: ${words}`}`),
      next: step("Look at the gateway's log, then start the gateway.", 'up', '--local'),
    };
  }

  async #running(): Promise<ProcessRecord | undefined> {
    const record = await readRecord(this.settings.files);
    return record && (await stillRuns(record)) ? record : undefined;
  }

  async #start(variables: readonly string[]): Promise<void> {
    const { files, program, servers, workspace } = this.settings;
    await rename(files.logFile, `${files.logFile}.1`).catch((error: unknown) => {
      if (systemCode(error) !== 'ENOENT') throw error;
    });
    const log = await open(files.logFile, 'a', 0o600);
    try {
      const args = ['--state', files.stateDir, '--servers', servers, '--port', '0'];
      // Its tokens are those in its state folder: a variable of this shell belongs to another gateway.
      const env = { ...this.env, [sidecar.tokenVariable]: undefined, [adminTokenVariable]: undefined };
      const child = spawn(
        process.execPath,
        [program, ...args, ...variables.flatMap((name) => ['--env', name])],
        {
          cwd: workspace,
          detached: true,
          env,
          stdio: ['ignore', log.fd, log.fd],
          windowsHide: true,
        },
      );
      const pid = await startedPid(child);
      child.unref();
      const identity = (await processIdentity(pid)) ?? '';
      await writeRecord(files, {
        pid,
        identity,
        startedAt: new Date().toISOString(),
        variables: [...variables],
      });
    } finally {
      await log.close();
    }
  }

  async #stop(signal: AbortSignal): Promise<void> {
    const record = await this.#running();
    if (record) {
      process.kill(record.pid, 'SIGTERM');
      if (!(await this.#ends(record, stopMs, signal))) process.kill(record.pid, 'SIGKILL');
      await this.#ends(record, stopMs, signal);
    }
    await removeRecord(this.settings.files);
  }

  /** Waits for the end of a process that is not our child: no event tells it. */
  async #ends(record: ProcessRecord, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    for (const deadline = Date.now() + timeoutMs; Date.now() < deadline;) {
      if (!(await stillRuns(record))) return true;
      await delay(50, undefined, { signal });
    }
    return !(await stillRuns(record));
  }

  async #settled(timeoutMs: number, signal: AbortSignal): Promise<GatewayState> {
    return await settle(this.subject, { timeoutMs, signal });
  }

  async #overview(state: GatewayState): Promise<GatewayOverview> {
    const { files, workspace } = this.settings;
    const { stateDir, logFile } = files;
    const pid = (await this.#running())?.pid ?? null;
    return { placement: { kind: 'process', workspace, pid, logFile, stateDir }, state, notes: [] };
  }
}

async function startedPid(child: ReturnType<typeof spawn>): Promise<number> {
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => {
      if (child.pid === undefined) reject(new Error('The process has no id.'));
      else resolve(child.pid);
    });
  });
}

/** Where the recorded process answers; `undefined` while it does not run or has not said. */
export async function localAddress(files: ProcessFiles): Promise<GatewayAddress | undefined> {
  const record = await readRecord(files);
  if (!record || !(await stillRuns(record))) return undefined;
  const url = await listeningUrl(files, record);
  const token = (await readTextIfExists(files.tokenFile))?.trim();
  return url && { url, token, source: `process ${record.pid}` };
}
