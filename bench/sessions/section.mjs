// All ways of all numbers of sessions, and what is said about them.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { machine } from '../machine.mjs';
import { measureSessions } from './measure.mjs';
import { headlineTable, sessionGoals, sessionsTable } from './report.mjs';
import { serversIn } from './servers.mjs';
import { byConnect, byUrl, clientWithRoots, direct, forget } from './ways.mjs';

/** The goals are for so many sessions. */
const goalCount = 10;

/**
 * Measures each of `counts` directly and through the gateway. `folder` holds the `node_modules` of the servers, of which the
 * first `servers` are taken; `log` hears of each figure. Resolves with `{ page, headline }` as Markdown.
 */
export async function measureSection({ counts, folder, servers: count, log }) {
  const groups = await inWorkspace(folder, count, async (servers, workspace) => {
    const measured = [];
    for (const sessions of counts)
      measured.push(
        await measureCount(servers, workspace, sessions, { more: sessions === counts.at(-1), log }),
      );
    return measured;
  });
  const [base, own] = groups.at(-1);
  const goals = base.count === goalCount ? [sessionGoals(base, own)] : [];
  const page = [machine(), ...groups.map(sessionsTable), ...goals].join('\n\n');
  return { page, headline: headlineTable(base, own, count) };
}

/** Measures so many sessions directly, through the gateway, and through `others`: `{ label, way(servers, workspace) }`. Resolves with Markdown. */
export async function measureGateways({ sessions, folder, servers: count, others, log }) {
  return await inWorkspace(folder, count, async (servers, workspace) => {
    const own = [
      await measureAloud(direct(servers), sessions, log),
      await measureAloud(byUrl(servers, workspace, { name: 'built-in gateway' }), sessions, log),
    ];
    const { measured, problems } = await measureOthers(others, servers, workspace, { sessions, log });
    return [machine(), sessionsTable([...own, ...measured]), ...problems].join('\n\n');
  });
}

async function inWorkspace(folder, count, work) {
  const workspace = mkdtempSync(path.join(os.tmpdir(), 'mcp-bench-sessions-'));
  try {
    return await work(serversIn(folder, workspace, count), workspace);
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}

/** The gateway knows nothing of the servers, unless its row says that it was started again. */
async function measureCount(servers, workspace, sessions, { more, log }) {
  const measure = async (way) => await measureAloud(way, sessions, log);
  const first = async (way) => {
    forget(workspace);
    return await measure(way);
  };
  const records = [
    await measure(direct(servers)),
    await first(byUrl(servers, workspace)),
    await first(byConnect(servers, workspace)),
  ];
  if (!more) return records;
  const roots = {
    name: 'gateway, by URL, clients with `roots` that call both servers that ask for them',
    client: clientWithRoots,
    calls: ['echo', 'list_allowed_directories'],
  };
  const again = { name: 'gateway, by URL, started again' };
  return [
    ...records,
    await measure(byUrl(servers, workspace, again)),
    await first(byUrl(servers, workspace, roots)),
  ];
}

async function measureOthers(others, servers, workspace, { sessions, log }) {
  const measured = [];
  const problems = [];
  for (const { label, way } of others) {
    try {
      const started = await way(servers, workspace);
      measured.push(await measureAloud({ name: label, ...started }, sessions, log));
    } catch (error) {
      const problem = `${label} was not measured: ${String(error.message).split('\n').at(-1)}`;
      log(problem);
      problems.push(problem);
    }
  }
  return { measured, problems };
}

/** The whole takes minutes, so each figure is told when it is there. */
async function measureAloud(way, sessions, log) {
  const record = await measureSessions(way, sessions);
  const { name, memory, processes, median } = record;
  log(
    `${sessions} sessions, ${name}: ${memory.toFixed(0)} MB, ${processes} processes, ${median.toFixed(2)} s`,
  );
  return record;
}
