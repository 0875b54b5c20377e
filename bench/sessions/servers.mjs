// Six popular MCP servers from npm that start and list their tools without an account or a network.
import path from 'node:path';

const packages = {
  everything: {
    name: '@modelcontextprotocol/server-everything',
    version: '2026.8.31',
    program: 'dist/index.js',
  },
  filesystem: {
    name: '@modelcontextprotocol/server-filesystem',
    version: '2026.8.31',
    program: 'dist/index.js',
  },
  memory: { name: '@modelcontextprotocol/server-memory', version: '2026.8.31', program: 'dist/index.js' },
  thinking: {
    name: '@modelcontextprotocol/server-sequential-thinking',
    version: '2026.8.31',
    program: 'dist/index.js',
  },
  playwright: { name: '@playwright/mcp', version: '0.0.83', program: 'cli.js' },
  context7: { name: '@upstash/context7-mcp', version: '4.1.1', program: 'dist/index.js' },
};

export const serverPackages = Object.values(packages).map(({ name, version }) => `${name}@${version}`);

/**
 * The first `count` of them as in servers.json. `folder` holds their `node_modules`; what they write goes to `workspace`.
 * Node starts each without `npx`, which would keep one or two processes more for each.
 */
export function serversIn(folder, workspace, count) {
  const more = {
    filesystem: { args: [workspace] },
    memory: { env: { MEMORY_FILE_PATH: path.join(workspace, 'memory.jsonl') } },
    playwright: { args: ['--headless'] },
  };
  const entries = Object.entries(packages).slice(0, count);
  return Object.fromEntries(
    entries.map(([key, { name, program }]) => {
      const { args = [], ...rest } = more[key] ?? {};
      const file = path.join(folder, 'node_modules', name, program);
      return [key, { command: process.execPath, args: [file, ...args], ...rest }];
    }),
  );
}
