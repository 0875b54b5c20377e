import type { FolderContext } from './command';

/** Looks at the workspace and its gateway again. */
export async function refresh({ model }: FolderContext): Promise<void> {
  await model.refresh();
}
