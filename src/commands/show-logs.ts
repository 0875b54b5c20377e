import type { FolderContext } from './command';
import { pickServer } from './pick';

/** Shows the gateway's log, followed, in an output channel of its own. */
export async function showLogs({ model, logs }: FolderContext): Promise<void> {
  const manager = await model.manager();
  logs.show(manager, undefined);
}

/** Shows the log of one server, followed. */
export async function showServerLog({ model, logs }: FolderContext, argument: unknown): Promise<void> {
  const { name } = await pickServer(model, argument);
  logs.show(await model.manager(), name);
}
