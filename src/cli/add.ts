import { readFile } from 'node:fs/promises';
import { renderDiff } from '../devcontainer/diff';
import type { HostPort, Plan } from '../devcontainer/plan';
import { type AddChoices, executeAdd, prepareAdd } from '../devcontainer/wiring';
import { defaultKind, sidecarKind } from '../kinds/registry';
import { gatewayProgram } from '../gateway/local/program';
import { type CliIo, printJson } from './io';
import type { CommonOptions } from './options';
import { changedFiles, confirmPlan, openTarget, relativeTo, type WiringDependencies } from './wiring';

/** What `add` and `plan` can be told. */
export interface AddOptions extends CommonOptions {
  gateway?: string;
  client?: string[];
  hostPort?: HostPort;
  dryRun?: boolean;
  yes?: boolean;
  /** `--no-start`. */
  start?: boolean;
}

/** The choices behind the options; a kind of gateway that is not there yet is refused. */
export async function addChoices(options: AddOptions, dependencies: WiringDependencies): Promise<AddChoices> {
  const kind = sidecarKind(options.gateway ?? defaultKind);
  const program = await (dependencies.program ?? bundledProgram)();
  return { clients: options.client ?? [], hostPort: options.hostPort, sidecar: kind.sidecar(program) };
}

/** `add`: wires the workspace's dev container. Its promises are those of the command line. */
export async function add(io: CliIo, options: AddOptions, dependencies: WiringDependencies): Promise<void> {
  const choices = await addChoices(options, dependencies);
  const target = await openTarget(io, options, dependencies.takeBack);
  const plan = await prepareAdd(target, choices);
  if (options.dryRun === true) {
    report(io, options, plan, { started: false, notes: plan.notes, dryRun: true });
    return;
  }
  if (plan.edits.length === 0) {
    report(io, options, plan, { started: false, notes: plan.notes });
    return;
  }
  await confirmPlan(io, plan, options, 'Apply these changes?', dependencies.confirm);
  const prestart = options.start === false ? undefined : dependencies.prestart;
  const outcome = await executeAdd(plan, target, { prestart, signal: io.signal });
  const notes = outcome.note === undefined ? plan.notes : [...plan.notes, outcome.note];
  report(io, options, plan, { started: outcome.started, notes });
}

function report(
  io: CliIo,
  options: AddOptions,
  plan: Plan,
  result: { started: boolean; notes: string[]; dryRun?: boolean },
): void {
  const config = relativeTo(plan, plan.container.configPath);
  if (options.json === true) {
    const { started, notes, dryRun } = result;
    const diff = dryRun === true ? { dryRun, diff: renderDiff(plan) } : {};
    printJson(io, {
      workspace: plan.container.workspace,
      config,
      changed: changedFiles(plan),
      started,
      notes,
      ...diff,
    });
    return;
  }
  if (result.dryRun === true) {
    io.stdout(renderDiff(plan));
  } else if (plan.edits.length === 0) {
    io.stdout(`${config} is already wired. There is nothing to change.\n`);
  } else {
    io.stdout(
      `${config} is wired:\n${changedFiles(plan)
        .map((file) => `  ${file}\n`)
        .join('')}`,
    );
    io.stdout(result.started ? 'The gateway is running.\n' : 'The gateway starts with the dev container.\n');
    io.stdout(
      'Next: open the dev container again, or rebuild it if it is running. Then it finds the gateway.\n',
    );
  }
  for (const note of result.notes) io.stderr(`Note: ${note}\n`);
}

async function bundledProgram(): Promise<Buffer> {
  return await readFile(await gatewayProgram());
}
