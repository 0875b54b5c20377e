import type { FolderContext } from './command';
import { pickServer } from './pick';

const answerMs = 15_000;

/** Restarts one server; the tree shows how it comes up. */
export async function restartServer({ model, log }: FolderContext, argument: unknown): Promise<void> {
  const { name } = await pickServer(model, argument, ({ enabled }) => enabled);
  await (await model.manager()).restartServer(name, AbortSignal.timeout(answerMs));
  log.log('info', `server ${name} is restarting`);
}
