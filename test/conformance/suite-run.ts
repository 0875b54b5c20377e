import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as v from 'valibot';
import { run } from '../../src/platform/run';

export type Revision = '2025-11-25' | '2026-07-28';
type Status = 'SUCCESS' | 'WARNING' | 'FAILURE';

/** What one run of the suite found, by `scenario:check`. A check that was made several times has its worst outcome. */
export interface Outcomes {
  checks: ReadonlyMap<string, Status>;
  /** The scenarios that came to their end; one that breaks off has no checks. */
  ended: ReadonlySet<string>;
}

const checksFile = v.array(v.looseObject({ id: v.string(), status: v.string() }));
const severity: Readonly<Record<Status, number>> = { SUCCESS: 0, WARNING: 1, FAILURE: 2 };

function isStatus(text: string): text is Status {
  return text in severity;
}

/** Runs every server scenario that a revision requires, and those beside it that are not scored, against a URL. */
export async function runSuite(url: string, revision: Revision): Promise<Outcomes> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'mcp-conformance-'));
  try {
    const args = [required('MCP_TEST_CONFORMANCE'), 'server', '--url', url, '--requirements', revision];
    const { stdout, stderr } = await run(required('MCP_TEST_NODE24'), [...args, '-o', folder]);
    const outcomes = await read(folder);
    if (outcomes.ended.size === 0) throw new Error(`the suite made no checks:\n${stdout}\n${stderr}`);
    return outcomes;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function read(folder: string): Promise<Outcomes> {
  const outcomes = new Map<string, Status>();
  const ended = new Set<string>();
  for (const name of (await readdir(folder)).sort()) {
    const scenario = /^server-(.+)-\d{4}-\d{2}-\d{2}T/.exec(name)?.[1] ?? name;
    // A scenario that ends with an exception leaves no checks.
    const text = await readFile(path.join(folder, name, 'checks.json'), 'utf8').catch(() => '[]');
    if (text !== '[]') ended.add(scenario);
    for (const { id, status } of v.parse(checksFile, JSON.parse(text))) {
      if (!isStatus(status)) continue;
      const key = `${scenario}:${id}`;
      const before = outcomes.get(key);
      if (before === undefined || severity[status] > severity[before]) outcomes.set(key, status);
    }
  }
  return { checks: outcomes, ended };
}

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined)
    throw new Error(`${name} is not set: run this suite with npm run test:conformance`);
  return value;
}
