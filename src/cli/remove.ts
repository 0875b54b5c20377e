import type { Command } from 'commander';
import { renderDiff } from '../devcontainer/diff';
import { executeRemove, prepareRemove } from '../devcontainer/wiring';
import { type CliIo, printJson } from './io';
import { type CommonOptions, withCommonOptions } from './options';
import {
  changedFiles,
  confirmPlan,
  openTarget,
  relativeTo,
  type RunAction,
  tellLeft,
  type WiringDependencies,
} from './wiring';

interface RemoveOptions extends CommonOptions {
  dryRun?: boolean;
  yes?: boolean;
}

/** `remove`: takes the gateway and its wiring away again. */
export function registerRemove(
  program: Command,
  io: CliIo,
  run: RunAction,
  dependencies: WiringDependencies = {},
): void {
  withCommonOptions(program.command('remove'))
    .description('take the gateway away again: its files, entries, container, volumes and image')
    .option('--dry-run', 'print the diff and change nothing')
    .option('--yes', 'do not ask; files with secrets are deleted too')
    .action(
      async (options: RemoveOptions) =>
        await run(options, async () => await remove(io, options, dependencies)),
    );
}

/** Runs the verb; its promises are those of the command line. */
export async function remove(
  io: CliIo,
  options: RemoveOptions,
  dependencies: WiringDependencies,
): Promise<void> {
  const target = await openTarget(io, options, dependencies.takeBack);
  const plan = await prepareRemove(target);
  const dry = options.dryRun === true;
  if (!dry && plan.edits.length > 0) {
    const secret = plan.edits.some((edit) => edit.secret) ? ' The token file is deleted for good.' : '';
    const restarts = ' A dev container that runs is created anew, without the gateway’s volume.';
    await confirmPlan(io, plan, options, `Apply these changes?${secret}${restarts}`, dependencies.confirm);
    const { teardown } = dependencies;
    await executeRemove(plan, target, { teardown, signal: io.signal, onLeft: tellLeft(io) });
  }
  const config = relativeTo(plan, plan.container.configPath);
  const changed = changedFiles(plan);
  if (options.json === true) {
    const diff = dry ? { dryRun: true, diff: renderDiff(plan) } : {};
    printJson(io, { workspace: plan.container.workspace, config, changed, notes: plan.notes, ...diff });
    return;
  }
  if (dry) io.stdout(renderDiff(plan));
  else if (changed.length === 0) io.stdout(`${config} is not wired; nothing to change.\n`);
  else io.stdout(`The gateway is gone from ${config}.\n${changed.map((file) => `  ${file}\n`).join('')}`);
  for (const note of plan.notes) io.stderr(`Note: ${note}\n`);
}
