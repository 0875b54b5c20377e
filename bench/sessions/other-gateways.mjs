// Gateways from PyPI as ways to the same servers, each with the configuration that its documentation shows.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { httpSession } from './http-session.mjs';
import { contextForge } from './contextforge.mjs';
import { startListener } from './listener.mjs';
import { plainClient, together } from './ways.mjs';

/** `key` names its folder of programs; `way(programs, servers, folder)` makes the way. */
export const otherGateways = [
  {
    key: 'contextforge-1.1.0',
    label: 'ContextForge 1.1.0',
    requirements: ['mcp-contextforge-gateway==1.1.0'],
    way: contextForge,
  },
  {
    key: 'mcp-proxy-0.13.0',
    label: 'mcp-proxy 0.13.0 (PyPI)',
    requirements: ['mcp-proxy==0.13.0'],
    way: mcpProxy,
  },
  { key: 'fastmcp-4.2.3', label: 'fastmcp 4.2.3', requirements: ['fastmcp==4.2.3'], way: fastmcp },
  {
    key: 'mcpo-0.0.20',
    label: 'mcpo 0.0.20 (OpenAPI)',
    // What is newer of these two keeps it from starting.
    requirements: ['mcpo==0.0.20', 'mcp==1.30.0', 'fastapi==0.144.0'],
    way: mcpo,
  },
];

/** One URL for each server, so a session of an AI client is as many sessions. */
function mcpProxy(programs, servers, folder) {
  const config = configOf(servers, folder);
  return {
    start: async () => {
      const arguments_ = (port) => ['--named-server-config', config, '--pass-environment', '--port', port];
      const { url, stop } = await startListener(path.join(programs, 'mcp-proxy'), arguments_);
      const urls = Object.keys(servers).map((name) => `${url}/servers/${name}/mcp`);
      const open = async () =>
        await together(urls.map(async (one) => await httpSession({ url: one, headers: {} }, plainClient)));
      return { open, stop };
    },
  };
}

function fastmcp(programs, servers, folder) {
  const config = configOf(servers, folder);
  return {
    start: async () => {
      const arguments_ = (port) => ['run', config, '--transport', 'http', '--port', port, '--no-banner'];
      const { url, stop } = await startListener(path.join(programs, 'fastmcp'), arguments_);
      return { open: async () => await httpSession({ url: `${url}/mcp`, headers: {} }, plainClient), stop };
    },
  };
}

/** It serves no MCP: a session reads the OpenAPI document of each server. */
function mcpo(programs, servers, folder) {
  const config = configOf(servers, folder);
  const read = async (url) => {
    const { paths } = await (await fetch(url)).json();
    return { tools: Object.keys(paths).length, close: () => undefined };
  };
  return {
    start: async () => {
      const arguments_ = (port) => ['--config', config, '--host', '127.0.0.1', '--port', port];
      const { url, stop } = await startListener(path.join(programs, 'mcpo'), arguments_);
      const urls = Object.keys(servers).map((name) => `${url}/${name}/openapi.json`);
      return { open: async () => await together(urls.map(read)), stop };
    },
  };
}

function configOf(servers, folder) {
  const file = path.join(folder, 'mcp.json');
  writeFileSync(file, JSON.stringify({ mcpServers: servers }));
  return file;
}
