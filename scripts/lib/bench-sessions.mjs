// The part of the bench about many sessions before many servers.
import path from 'node:path';
import { otherGateways } from '../../bench/sessions/other-gateways.mjs';
import { measureGateways, measureSection } from '../../bench/sessions/section.mjs';
import { serverPackages } from '../../bench/sessions/servers.mjs';
import { writeFigures } from './figures.mjs';
import { pythonPrograms } from './python.mjs';
import { mcpServers } from './tools.mjs';

/** Prints the figures; `write` puts them into the pages. `short` takes three servers that the project has anyway. */
export async function benchSessions({ root, short, write }) {
  const { page, headline } = await measureSection({
    counts: short ? [2] : [1, 5, 10],
    folder: short ? root : await mcpServers(serverPackages),
    servers: short ? 3 : 6,
    log: console.error,
  });
  console.log(`\n### Sessions\n\n${page}`);
  if (!write) return;
  await writeFigures(path.join(root, 'docs/benchmarks.md'), 'sessions', page);
  await writeFigures(path.join(root, 'README.md'), 'headline', headline);
}

/** The same for the gateways from PyPI. */
export async function benchGateways({ root, write }) {
  const page = await measureGateways({
    sessions: 10,
    folder: await mcpServers(serverPackages),
    servers: 6,
    others: otherGateways.map(withPrograms),
    log: console.error,
  });
  console.log(`\n### Other gateways\n\n${page}`);
  if (write) await writeFigures(path.join(root, 'docs/benchmarks.md'), 'gateways', page);
}

/** What cannot be installed here says so when it is to be measured. */
function withPrograms({ key, label, requirements, way }) {
  return {
    label,
    way: async (servers, folder) => way(await pythonPrograms(key, requirements), servers, folder),
  };
}
