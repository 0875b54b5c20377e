import { rm } from 'node:fs/promises';
import path from 'node:path';
import { readTextIfExists, writeFileAtomic } from '../../platform/files';
import { workspaceStateDir } from '../../platform/state';
import type { SidecarOwner } from './container';

type Project = Pick<SidecarOwner, 'workspace' | 'projectName'>;

/**
 * Notes in the workspace's state folder that a removal had to leave what the engine holds of a project. Volumes name
 * their project alone, which a clone of the workspace has too: the note tells that they are of this one.
 */
export async function noteLeft(owner: Project, env: NodeJS.ProcessEnv): Promise<void> {
  await writeFileAtomic(await noteOf(owner, env), owner.projectName, { mode: 0o600 });
}

/** Whether a removal of this workspace left what the engine holds of the project. */
export async function isLeft(owner: Project, env: NodeJS.ProcessEnv): Promise<boolean> {
  return (await readTextIfExists(await noteOf(owner, env))) === owner.projectName;
}

/** Nothing is left any more. */
export async function forgetLeft(owner: Project, env: NodeJS.ProcessEnv): Promise<void> {
  await rm(await noteOf(owner, env), { force: true });
}

async function noteOf({ workspace }: Project, env: NodeJS.ProcessEnv): Promise<string> {
  return path.join(await workspaceStateDir(workspace, env), 'wiring', 'left-in-engine');
}
