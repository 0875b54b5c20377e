import { createInterface } from 'node:readline/promises';
import path from 'node:path';
import { renderDiff } from '../devcontainer/diff';
import { resolveWorkspace } from '../devcontainer/find';
import type { Plan } from '../devcontainer/plan';
import type { ComposeDevContainer } from '../devcontainer/read';
import {
  interruptedContainer,
  type Prestart,
  recoverWiring,
  type TeardownHook,
  type WiringTarget,
} from '../devcontainer/wiring';
import type { Leftovers } from '../gateway/sidecar/teardown';
import { AppError, messageOf } from '../platform/errors';
import { sentence } from '../platform/sentence';
import type { CliIo } from './io';
import type { CommonOptions } from './options';

/** What the wiring verbs need from elsewhere. */
export interface WiringDependencies {
  prestart?: Prestart;
  teardown?: TeardownHook;
  /** Removes only the container that an interrupted `add` may have left: volumes may be from an earlier wiring. */
  takeBack?: (container: ComposeDevContainer) => Promise<void>;
  /** What the engine still has of the gateway. */
  leftovers?: (container: ComposeDevContainer) => Promise<Leftovers>;
  /** Asks a yes-or-no question; absent, a terminal is asked. */
  confirm?: (question: string) => Promise<boolean>;
  /** The bytes of gateway.cjs. */
  program?: () => Promise<Buffer>;
}

/** Finds the workspace and undoes what an interrupted run left. */
export async function openTarget(
  io: CliIo,
  options: CommonOptions,
  takeBack: WiringDependencies['takeBack'],
): Promise<WiringTarget> {
  const workspace = await resolveWorkspace(options.workspace, io.cwd);
  const recovery = await recoverWiring(workspace, io.env);
  if (recovery !== undefined) {
    io.stderr(`An interrupted ${recovery.operation} was undone.\n`);
    for (const file of recovery.left) io.stderr(`${file} was changed in the meantime and stays as it is.\n`);
    const container = await interruptedContainer(recovery, workspace, io.env);
    if (container !== undefined) await takeBackOrSay(io, async () => await takeBack?.(container));
  }
  return { workspace, config: options.config, cwd: io.cwd, env: io.env, signal: io.signal };
}

/** What the engine keeps does no harm: the verb goes on. */
async function takeBackOrSay(io: CliIo, takeBack: () => Promise<void>): Promise<void> {
  try {
    await takeBack();
  } catch (error) {
    if (io.signal.aborted) throw error;
    io.stderr(`Note: ${sentence(`The container that it created may still be there: ${messageOf(error)}`)}\n`);
  }
}

/** Shows a plan and asks; with `--yes` it does neither. It fails if there is no one to ask, so that scripts say what they want. */
export async function confirmPlan(
  io: CliIo,
  plan: Plan,
  options: { yes?: boolean },
  question: string,
  confirm: WiringDependencies['confirm'],
): Promise<void> {
  if (options.yes === true) return;
  io.stderr(renderDiff(plan));
  for (const note of plan.notes) io.stderr(`Note: ${note}\n`);
  if (confirm === undefined && !(io.interactive && process.stdin.isTTY)) {
    throw new AppError('refused', 'Nothing was changed: there is no terminal to ask for confirmation.', {
      next: 'Read the diff, then run the command again with --yes.',
    });
  }
  if (!(await (confirm ?? askTerminal(io))(question)))
    throw new AppError('cancelled', 'Nothing was changed.');
}

/** The files of a plan relative to the workspace. */
export function changedFiles(plan: Plan): string[] {
  return plan.edits.map((edit) => relativeTo(plan, edit.path));
}

/** A path as people read it: relative to the workspace, with forward slashes. */
export function relativeTo(plan: Plan, file: string): string {
  return path.relative(plan.container.workspace, file).split(path.sep).join('/');
}

function askTerminal(io: CliIo): (question: string) => Promise<boolean> {
  return async (question) => {
    const terminal = createInterface({ input: process.stdin, output: process.stderr });
    try {
      const answer = await terminal.question(`${question} [y/N] `, { signal: io.signal });
      return /^y(es)?$/i.test(answer.trim());
    } finally {
      terminal.close();
    }
  };
}
