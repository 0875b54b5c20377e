import { renderDiff } from '../devcontainer/diff';
import { prepareAdd } from '../devcontainer/wiring';
import { addChoices, type AddOptions } from './add';
import { type CliIo, printJson } from './io';
import { changedFiles, openTarget, relativeTo, type WiringDependencies } from './wiring';

/** `plan`: what `add` would change, as a diff. Its promises are those of the command line. */
export async function plan(io: CliIo, options: AddOptions, dependencies: WiringDependencies): Promise<void> {
  const choices = await addChoices(options, dependencies);
  const planned = await prepareAdd(await openTarget(io, options, dependencies.takeBack), choices);
  const diff = renderDiff(planned);
  if (options.json === true) {
    const { container, notes } = planned;
    const config = relativeTo(planned, container.configPath);
    printJson(io, { workspace: container.workspace, config, changed: changedFiles(planned), notes, diff });
    return;
  }
  io.stdout(diff === '' ? 'There is nothing to change: the dev container is wired.\n' : diff);
  for (const note of planned.notes) io.stderr(`Note: ${note}\n`);
}
