import { rm } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { readTextIfExists, writeFileAtomic } from '../../platform/files';
import { processIdentity } from '../../platform/process-identity';

/** The files of a gateway that runs as a process of this machine. */
export interface ProcessFiles {
  stateDir: string;
  pidFile: string;
  logFile: string;
  tokenFile: string;
  /** Held while a process is started. */
  lockFile: string;
}

/** The file names within a workspace's state folder. */
export function processFiles(workspaceState: string): ProcessFiles {
  const stateDir = path.join(workspaceState, 'gateway');
  const within = (name: string): string => path.join(stateDir, name);
  return {
    stateDir,
    pidFile: within('gateway.pid'),
    logFile: within('gateway.log'),
    tokenFile: within('token'),
    lockFile: within('start.lock'),
  };
}

/** The process that was started: its id, and what tells it from a later one of the same id. */
export const ProcessRecord = v.object({
  pid: v.number(),
  identity: v.string(),
  startedAt: v.string(),
  /** Names of variables that its servers file may refer to. */
  variables: v.optional(v.array(v.string()), []),
});
export type ProcessRecord = v.InferOutput<typeof ProcessRecord>;

const Listening = v.object({ event: v.literal('listening'), url: v.string(), pid: v.number() });

/** The record in the pid file; `undefined` where there is none, or none that can be read. */
export async function readRecord(files: ProcessFiles): Promise<ProcessRecord | undefined> {
  const text = await readTextIfExists(files.pidFile);
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), ProcessRecord), text ?? '');
  return parsed.success ? parsed.output : undefined;
}

export async function writeRecord(files: ProcessFiles, record: ProcessRecord): Promise<void> {
  await writeFileAtomic(files.pidFile, `${JSON.stringify(record)}\n`, { mode: 0o600 });
}

export async function removeRecord(files: ProcessFiles): Promise<void> {
  await rm(files.pidFile, { force: true });
}

/** Whether the recorded process still runs: the same one, not another that got its id. */
export async function stillRuns(record: ProcessRecord): Promise<boolean> {
  return (await processIdentity(record.pid)) === record.identity;
}

/** The lines of the present log. */
export async function readLog(files: ProcessFiles): Promise<string[]> {
  return ((await readTextIfExists(files.logFile, { maxBytes: Infinity })) ?? '')
    .split('\n')
    .filter((line) => line !== '');
}

/** The URL that the recorded process said it listens at; `undefined` before it did. */
export async function listeningUrl(files: ProcessFiles, record: ProcessRecord): Promise<URL | undefined> {
  for (const line of await readLog(files)) {
    if (!line.startsWith('{"event":"listening"')) continue;
    const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Listening), line);
    if (parsed.success && parsed.output.pid === record.pid) return new URL(parsed.output.url);
  }
  return undefined;
}
