import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { DevContainer } from './dev-container';
import { docker, lines, projectResources } from './docker';

/** The client token of a wired workspace. */
export async function tokenOf(workspace: string): Promise<string> {
  const text = await readFile(path.join(workspace, '.devcontainer/mcp-gateway/token.env'), 'utf8');
  const token = /^MCP_GATEWAY_AUTH_TOKEN=(\S{32,})$/m.exec(text)?.[1];
  assert.ok(token, 'token.env holds no token');
  return token;
}

/** Where a token is found. Files are relative to the workspace. */
export interface Occurrences {
  files: string[];
  labels: string[];
  images: string[];
  arguments: string[];
}

/** Looks for a token in the workspace's files, in labels, in every layer of the project's images and in the arguments of running programs. */
export async function occurrences(container: DevContainer, token: string): Promise<Occurrences> {
  const { containers, networks, volumes, images } = await projectResources(container.project);
  const labelled = [...containers, ...networks, ...volumes, ...images];
  const labels: string[] = [];
  for (const name of labelled) {
    const all: unknown = JSON.parse(await docker('inspect', name));
    if (JSON.stringify(labelsIn(all)).includes(token)) labels.push(name);
  }
  return {
    files: await filesWith(container.folder, token),
    labels,
    images: (await imagesHold(images, token)) ? images : [],
    arguments: [...(await argumentsWith(containers, token)), ...(await hostArgumentsWith(token))],
  };
}

/** Every value below a key `Labels`. */
function labelsIn(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]: [string, unknown]) =>
    key === 'Labels' ? [child] : labelsIn(child),
  );
}

async function filesWith(folder: string, token: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    if ((await readFile(file)).includes(token)) found.push(path.relative(folder, file));
  }
  return found;
}

/** Searches one archive of all images: the configuration of each, and every layer once. */
async function imagesHold(images: readonly string[], token: string): Promise<boolean> {
  const save = spawn('docker', ['save', ...images], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(save, 'close');
  let rest: Buffer = Buffer.alloc(0);
  let found = false;
  for await (const chunk of save.stdout) {
    assert.ok(Buffer.isBuffer(chunk));
    const window = Buffer.concat([rest, chunk]);
    found ||= window.includes(token);
    rest = window.subarray(-token.length);
  }
  assert.deepEqual(await ended, [0, null]);
  return found;
}

async function argumentsWith(containers: readonly string[], token: string): Promise<string[]> {
  const found: string[] = [];
  for (const id of containers) {
    const script = 'cat /proc/[0-9]*/cmdline 2>/dev/null; true';
    if ((await docker('exec', id, 'sh', '-c', script)).includes(token)) found.push(id);
  }
  return found;
}

async function hostArgumentsWith(token: string): Promise<string[]> {
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const all = await Promise.all(
    processes.map(async (pid) => await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')),
  );
  return lines(all.filter((line) => line.includes(token)).join('\n'));
}
