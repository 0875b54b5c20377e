// The legacy side of the bridge matrix: `node legacy.mjs stdio|http`.
import { randomUUID } from 'node:crypto';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import * as types from '@modelcontextprotocol/sdk/types.js';
import { serveHttp } from '../../../conformance/servers/http.mjs';
import * as offer from './tools.mjs';

const capabilities = {
  tools: { listChanged: true },
  prompts: {},
  resources: { subscribe: true },
  completions: {},
  logging: {},
};
const results = {
  'elicitation/create': types.ElicitResultSchema,
  'sampling/createMessage': types.CreateMessageResultSchema,
  'roots/list': types.ListRootsResultSchema,
};

function createServer() {
  const server = new Server({ name: 'matrix-legacy', version: '1.0.0' }, { capabilities });
  const on = (schema, handler) => server.setRequestHandler(schema, handler);
  on(types.ListToolsRequestSchema, () => ({ tools: offer.listTools() }));
  on(types.ListResourcesRequestSchema, () => ({ resources: offer.resources }));
  on(types.ListResourceTemplatesRequestSchema, () => ({ resourceTemplates: offer.resourceTemplates }));
  on(types.ListPromptsRequestSchema, () => ({ prompts: offer.prompts }));
  on(types.ReadResourceRequestSchema, ({ params }) => ({ contents: offer.readResource(params.uri) }));
  on(types.GetPromptRequestSchema, ({ params }) => offer.greet(params.arguments.who));
  on(types.CompleteRequestSchema, ({ params }) => offer.complete(params.argument.value));
  on(types.SubscribeRequestSchema, () => ({}));
  on(types.UnsubscribeRequestSchema, () => ({}));
  on(types.CallToolRequestSchema, async ({ params }, extra) => {
    const content = await offer.callTool(params.name, params.arguments ?? {}, clientOf(server, extra));
    if (!content) throw new types.McpError(-32602, `Unknown tool: ${params.name}`);
    return { content };
  });
  return server;
}

function clientOf(server, extra) {
  const tell = (method, params) => extra.sendNotification({ method, params });
  return {
    signal: extra.signal,
    ask: async (requests) => {
      const answers = Object.entries(requests).map(async ([key, { method, params }]) => [
        key,
        await extra.sendRequest({ method, params }, results[method]),
      ]);
      return Object.fromEntries(await Promise.all(answers));
    },
    progress: async (progress, total) => {
      const progressToken = extra._meta?.progressToken;
      if (progressToken !== undefined)
        await tell('notifications/progress', { progressToken, progress, total });
    },
    log: (data) => tell('notifications/message', { level: 'info', data }),
    updated: (uri) => server.sendResourceUpdated({ uri }),
    toolsChanged: () => server.sendToolListChanged(),
  };
}

if (process.argv[2] === 'http') {
  const transports = new Map();
  serveHttp(async (request, response) => {
    const known = transports.get(request.headers['mcp-session-id']);
    const transport =
      known ??
      new StreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        onsessioninitialized: (id) => void transports.set(id, transport),
      });
    if (!known) await createServer().connect(transport);
    await transport.handleRequest(request, response);
  });
} else await createServer().connect(new StdioServerTransport());
