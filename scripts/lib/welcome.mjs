// What `npm start` prints once the gateway is ready: text only, from the gateway's own answers.

/**
 * @param {{ url: string, tokenFile: string | null, servers: readonly any[], tools: readonly any[] }} facts
 * @returns {string}
 */
export function welcome({ url, tokenFile, servers, tools }) {
  const token = tokenFile === null ? '$MCP_GATEWAY_AUTH_TOKEN' : `$(cat ${shellWord(tokenFile)})`;
  const authorization = `"Authorization: Bearer ${token}"`;
  return [
    '',
    `MCP gateway ready at ${url}`,
    `Token: ${tokenFile ?? 'the value of MCP_GATEWAY_AUTH_TOKEN'}`,
    '',
    ...servers.flatMap((server) => describe(server, tools)),
    'Claude Code:',
    `  claude mcp add --transport http gateway ${url} --header ${authorization}`,
    'curl:',
    `  curl -sS ${url} -H ${authorization} -H 'Content-Type: application/json' \\`,
    `    -H 'Accept: application/json, text/event-stream' -d '${initialize}'`,
    'Command line (devcontainer-gateway, here from this checkout):',
    `  node dist/cli.js call everything__echo --args '{"message":"hi"}' --url ${url}${tokenOption(tokenFile)}`,
    '',
    'Ctrl-C stops the gateway and every server behind it.',
    '',
  ].join('\n');
}

const initialize = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'curl', version: '1' } },
});

function describe(server, tools) {
  const own = tools.filter((tool) => tool.server === server.name).map((tool) => tool.name);
  const problem = server.error ? [`  ${server.error.message}`] : [];
  return [
    `${server.name} (${server.state}): ${own.length} tools`,
    ...problem,
    ...own.map((name) => `  ${name}`),
    '',
  ];
}

function tokenOption(tokenFile) {
  return tokenFile === null ? '' : ` --token-file ${shellWord(tokenFile)}`;
}

/** A word as a POSIX shell reads it. */
function shellWord(text) {
  return /^[\w./:@=+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
