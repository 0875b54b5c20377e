import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from './errors';
import { run } from './run';

/*
 * What Git knows of a workspace. The repository is not trusted: its own configuration must start no program (a file
 * system monitor, a transport that fetches a missing object), and Git must not wait for the network.
 */
const guards = [
  ...['-c', 'safe.directory=*', '-c', 'core.fsmonitor=false'],
  ...['-c', 'protocol.allow=never', '-c', 'core.hooksPath=/dev/null'],
];
const longestMs = 20_000;

/** Variables that name another repository, as in a hook. Without a value they are not passed on. */
const others = { GIT_DIR: undefined, GIT_WORK_TREE: undefined, GIT_INDEX_FILE: undefined };

/**
 * The files that Git has under a folder, absolute; `undefined` without Git or outside of a repository. Links and submodules
 * are left out: Git has no text of theirs.
 */
export async function trackedFiles(
  folder: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string[] | undefined> {
  const listed = await git(folder, ['ls-files', '--stage', '-z', '--', '.'], env);
  if (listed === undefined) return undefined;
  const files = listed.split('\0').filter((line) => line.startsWith('100'));
  return [...new Set(files.map((line) => path.join(folder, line.slice(line.indexOf('\t') + 1))))];
}

/**
 * The texts of a file that others may have: as it is committed, and as it is staged. Empty for a file that Git does not
 * have, and where there is no Git.
 */
export async function committedTexts(file: string, env: NodeJS.ProcessEnv = process.env): Promise<string[]> {
  let real: string;
  try {
    // Git has the file behind a link, under the name that it has on the disk.
    real = await realpath(file);
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return [];
    throw error;
  }
  const [folder, name] = [path.dirname(real), path.basename(real)];
  const names = [`HEAD:./${name}`, `:./${name}`];
  const texts = await Promise.all(
    names.map(async (object) => await git(folder, ['cat-file', 'blob', object], env)),
  );
  return texts.filter((text) => text !== undefined);
}

/** Whether Git leaves a file out; `unknown` without Git or outside of a repository. It is no for a file that Git has already. */
export async function isIgnored(
  file: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<'yes' | 'no' | 'unknown'> {
  const result = await runGit(path.dirname(file), ['check-ignore', '--quiet', file], env);
  return result?.code === 0 ? 'yes' : result?.code === 1 ? 'no' : 'unknown';
}

/** What a command of Git prints; `undefined` when it fails or there is no Git. */
async function git(
  folder: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const result = await runGit(folder, args, env);
  return result?.code === 0 ? result.stdout : undefined;
}

async function runGit(folder: string, args: readonly string[], env: NodeJS.ProcessEnv) {
  try {
    return await run('git', ['-C', folder, '--no-optional-locks', ...guards, ...args], {
      // Windows looks for a program in the working directory first, so that is not the repository.
      cwd: path.dirname(process.execPath),
      env: { ...env, ...others, GIT_NO_LAZY_FETCH: '1', GIT_TERMINAL_PROMPT: '0' },
      signal: AbortSignal.timeout(longestMs),
    });
  } catch {
    // No program of that name, no such folder, or no answer in time: nothing is known.
    return undefined;
  }
}
