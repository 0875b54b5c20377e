import { builtinSidecar } from '../../src/kinds/builtin/sidecar';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { HostPort } from '../../src/devcontainer/plan';
import type { FileOperations } from '../../src/devcontainer/file-operations';
import {
  executeAdd,
  executeRemove,
  prepareAdd,
  prepareRemove,
  type WiringTarget,
} from '../../src/devcontainer/wiring';

const fixtures = path.join(__dirname, '..', 'fixtures', 'devcontainers');

/** A copy of a fixture with a state folder of its own. */
export interface Workbench {
  folder: string;
  workspace: string;
  target: WiringTarget;
  dispose(): Promise<void>;
}

export async function workbench(fixture: string, config?: string): Promise<Workbench> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'wiring-'));
  const workspace = path.join(folder, 'project');
  await cp(path.join(fixtures, fixture), workspace, { recursive: true });
  return {
    folder,
    workspace,
    target: targetOf(workspace, path.join(folder, 'state'), config),
    dispose: async () => await rm(folder, { recursive: true, force: true }),
  };
}

/** A workbench on which there is no engine's client, so that Compose is not asked. */
export async function workbenchWithoutCompose(fixture: string): Promise<Workbench> {
  const bench = await workbench(fixture);
  delete bench.target.env['PATH'];
  return bench;
}

export function targetOf(workspace: string, state: string, config?: string): WiringTarget {
  return { workspace, config, cwd: workspace, env: { PATH: process.env['PATH'], XDG_STATE_HOME: state } };
}

const program = Buffer.from('// the gateway program\n');

/** `add --yes`; returns how many files it changed. */
export async function add(
  target: WiringTarget,
  options: { clients?: string[]; hostPort?: HostPort; program?: Buffer; operations?: FileOperations } = {},
): Promise<number> {
  const choices = {
    clients: options.clients ?? [],
    hostPort: options.hostPort,
    sidecar: builtinSidecar(options.program ?? program),
  };
  const plan = await prepareAdd(target, choices);
  await executeAdd(plan, target, { signal: new AbortController().signal, ...operationsOf(options) });
  return plan.edits.length;
}

/** `remove --yes`; returns the notes. */
export async function remove(
  target: WiringTarget,
  options: { operations?: FileOperations } = {},
): Promise<string[]> {
  const plan = await prepareRemove(target);
  await executeRemove(plan, target, { signal: new AbortController().signal, ...operationsOf(options) });
  return plan.notes;
}

export async function edit(file: string, change: (text: string) => string): Promise<void> {
  await writeFile(file, change(await readFile(file, 'utf8')));
}

function operationsOf({ operations }: { operations?: FileOperations }): { operations?: FileOperations } {
  return operations === undefined ? {} : { operations };
}
