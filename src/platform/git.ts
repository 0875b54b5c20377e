import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from './errors';
import { run } from './run';

/*
 * What Git knows of a workspace. The repository is not trusted: its own configuration must start no program (a file
 * system monitor, a transport that fetches a missing object), and Git must not wait for the network.
 */
const guards = ['-c', 'core.fsmonitor=false', '-c', 'protocol.allow=never', '-c', 'core.hooksPath=/dev/null'];
const longestMs = 20_000;

/** The files that Git has under a folder, absolute; `undefined` without Git or outside of a repository. */
export async function trackedFiles(
  folder: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string[] | undefined> {
  const listed = await git(folder, ['ls-files', '-z', '--', '.'], env);
  return listed
    ?.split('\0')
    .filter((name) => name !== '')
    .map((name) => path.join(folder, name));
}

/**
 * The texts of a file that others may have: as it is committed, and as it is staged. Empty for a file that Git does not
 * have, and where there is no Git.
 */
export async function committedTexts(file: string, env: NodeJS.ProcessEnv = process.env): Promise<string[]> {
  let folder: string;
  try {
    folder = await realpath(path.dirname(file));
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return [];
    throw error;
  }
  const names = [`HEAD:./${path.basename(file)}`, `:./${path.basename(file)}`];
  const texts = await Promise.all(
    names.map(async (name) => await git(folder, ['cat-file', 'blob', name], env)),
  );
  return texts.filter((text) => text !== undefined);
}

/** What a command of Git prints; `undefined` when it fails or there is no Git. */
async function git(
  folder: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  try {
    const { code, stdout } = await run('git', ['--no-optional-locks', ...guards, ...args], {
      cwd: folder,
      env: { ...env, GIT_NO_LAZY_FETCH: '1', GIT_TERMINAL_PROMPT: '0' },
      signal: AbortSignal.timeout(longestMs),
    });
    return code === 0 ? stdout : undefined;
  } catch {
    // No program of that name, no such folder, or no answer in time: nothing is known.
    return undefined;
  }
}
