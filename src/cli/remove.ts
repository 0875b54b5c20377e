import { renderDiff } from '../devcontainer/diff';
import type { Plan } from '../devcontainer/plan';
import { executeRemove, prepareRemove } from '../devcontainer/wiring';
import type { Leftovers } from '../gateway/sidecar/teardown';
import { type CliIo, printJson } from './io';
import type { CommonOptions } from './options';
import { changedFiles, confirmPlan, openTarget, relativeTo, type WiringDependencies } from './wiring';
import { stepText } from '../platform/next-step';
import { sentence } from '../platform/sentence';

export interface RemoveOptions extends CommonOptions {
  dryRun?: boolean;
  yes?: boolean;
}

/** `remove`: removes the gateway and its wiring. Its promises are those of the command line. */
export async function remove(
  io: CliIo,
  options: RemoveOptions,
  dependencies: WiringDependencies,
): Promise<void> {
  const target = await openTarget(io, options, dependencies.takeBack);
  const plan = await prepareRemove(target);
  if (plan.edits.length === 0) {
    await removeLeftovers(io, options, plan, dependencies);
    return;
  }
  if (options.dryRun === true) {
    report(io, options, plan, { text: renderDiff(plan), notes: plan.notes });
    return;
  }
  const secret = plan.edits.some((edit) => edit.secret) ? ' The token file is deleted permanently.' : '';
  const restarts = ' A running dev container is created again, without the gateway’s volume.';
  await confirmPlan(io, plan, options, `Apply these changes?${secret}${restarts}`, dependencies.confirm);
  const { teardown } = dependencies;
  const notes = await executeRemove(plan, target, { teardown, signal: io.signal });
  const files = changedFiles(plan).map((file) => `  ${file}\n`);
  const config = relativeTo(plan, plan.container.configPath);
  const text = `The wiring is removed from ${config}.\n${files.join('')}`;
  report(io, options, plan, { text, notes: [...plan.notes, ...notes] });
}

/**
 * A removal without an engine leaves what the engine has. The next `remove` with an engine removes it. What may belong to
 * another folder is removed only after a person agrees.
 */
async function removeLeftovers(
  io: CliIo,
  options: RemoveOptions,
  plan: Plan,
  { leftovers, teardown, confirm }: WiringDependencies,
): Promise<void> {
  const { container } = plan;
  const config = relativeTo(plan, container.configPath);
  const { items, untouched, unproven }: Leftovers = (await leftovers?.(container)) ?? { items: [] };
  const list = items.map((item) => `  ${item}\n`).join('');
  const notes = [
    ...plan.notes,
    ...(untouched ? [`${sentence(untouched.reason)} ${stepText(untouched.next)}`] : []),
  ];
  if (items.length === 0) {
    report(io, options, plan, {
      text: `${config} is not wired. There is nothing to change.\n`,
      notes,
      items,
    });
    return;
  }
  const held = `${config} is not wired, but the engine still has these parts of the gateway:\n${list}`;
  if (options.dryRun === true) {
    report(io, options, plan, { text: held, notes, items });
    return;
  }
  if (options.yes === true && unproven !== undefined) {
    const note = `They stay, because they may belong to another folder with the same Compose project. To remove them and the secrets in them, run the command again without --yes and answer its question. To remove them by hand: ${unproven}`;
    report(io, options, plan, { text: held, notes: [...notes, note], items });
    return;
  }
  if (options.yes !== true) io.stderr(held);
  await confirmPlan(io, plan, options, 'Remove them and the secrets in them?', confirm);
  const more = (await teardown?.({ container, signal: io.signal })) ?? [];
  const text = `These parts of the gateway are removed from the engine:\n${list}`;
  report(io, options, plan, { text, notes: [...notes, ...more], items });
}

function report(
  io: CliIo,
  options: RemoveOptions,
  plan: Plan,
  { text, notes, items }: { text: string; notes: readonly string[]; items?: readonly string[] },
): void {
  if (options.json === true) {
    const { workspace, configPath } = plan.container;
    const diff = options.dryRun === true ? { dryRun: true, diff: renderDiff(plan) } : {};
    const names = { workspace, config: relativeTo(plan, configPath), changed: changedFiles(plan) };
    printJson(io, { ...names, ...(items === undefined ? {} : { leftovers: items }), notes, ...diff });
    return;
  }
  io.stdout(text);
  for (const note of notes) io.stderr(`Note: ${note}\n`);
}
