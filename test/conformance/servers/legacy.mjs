// The reference server of the legacy era (2025-11-25), with the SDK of that era: `node legacy.mjs stdio|http`.
import { randomUUID } from 'node:crypto';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import * as types from '@modelcontextprotocol/sdk/types.js';
import { getPrompt, prompts, readResource, resources, resourceTemplates } from './content.mjs';
import { EventStore } from './event-store.mjs';
import { serveHttp } from './http.mjs';
import { callTool, tools } from './tools.mjs';

const capabilities = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { subscribe: true, listChanged: true },
  completions: {},
  logging: {},
};

const resultSchemas = {
  'elicitation/create': types.ElicitResultSchema,
  'sampling/createMessage': types.CreateMessageResultSchema,
  'roots/list': types.ListRootsResultSchema,
};

function createServer() {
  const server = new Server({ name: 'reference-legacy', version: '1.0.0' }, { capabilities });
  const answer = (schema, handler) => server.setRequestHandler(schema, handler);
  answer(types.ListToolsRequestSchema, () => ({ tools }));
  answer(types.ListResourcesRequestSchema, () => ({ resources }));
  answer(types.ListResourceTemplatesRequestSchema, () => ({ resourceTemplates }));
  answer(types.ListPromptsRequestSchema, () => ({ prompts }));
  answer(types.SubscribeRequestSchema, () => ({}));
  answer(types.UnsubscribeRequestSchema, () => ({}));
  answer(types.CompleteRequestSchema, () => ({ completion: { values: [], total: 0, hasMore: false } }));
  answer(types.ReadResourceRequestSchema, ({ params }) => {
    const contents = readResource(params.uri);
    if (!contents) throw new types.McpError(-32002, `Resource not found: ${params.uri}`, { uri: params.uri });
    return { contents };
  });
  answer(types.GetPromptRequestSchema, async ({ params }, extra) => {
    const prompt = await getPrompt(params.name, params.arguments ?? {}, clientOf(server, extra));
    if (!prompt) throw new types.McpError(types.ErrorCode.InvalidParams, `Unknown prompt: ${params.name}`);
    return prompt;
  });
  answer(types.CallToolRequestSchema, async ({ params }, extra) => {
    try {
      const content = await callTool(params.name, params.arguments ?? {}, clientOf(server, extra));
      if (content) return { content };
    } catch (error) {
      return { content: [{ type: 'text', text: error.message }], isError: true };
    }
    throw new types.McpError(types.ErrorCode.InvalidParams, `Unknown tool: ${params.name}`);
  });
  return server;
}

/** The client of one request, as the tools see it. */
function clientOf(server, extra) {
  const notify = (method, params) => extra.sendNotification({ method, params });
  const declares = (capability) => server.getClientCapabilities()?.[capability] !== undefined;
  return {
    declares,
    ask: async (requests) => {
      const answers = Object.entries(requests).map(async ([key, { method, params }]) => {
        const [capability] = method.split('/');
        if (!declares(capability)) throw new Error(`the client does not declare "${capability}"`);
        return [key, await extra.sendRequest({ method, params }, resultSchemas[method])];
      });
      return Object.fromEntries(await Promise.all(answers));
    },
    progress: async (progress, total) => {
      const progressToken = extra._meta?.progressToken;
      if (progressToken !== undefined)
        await notify('notifications/progress', { progressToken, progress, total });
    },
    log: (data) => notify('notifications/message', { level: 'info', data }),
    changed: (kind) => server.notification({ method: `notifications/${kind}/list_changed` }),
    dropStream: () => extra.closeSSEStream?.(),
  };
}

const sessions = new Map();

async function handle(request, response) {
  const id = request.headers['mcp-session-id'];
  const known = sessions.get(id);
  if (known) await known.handleRequest(request, response);
  else if (id !== undefined) response.writeHead(404).end();
  else {
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      eventStore: new EventStore(),
      retryInterval: 500,
      onsessioninitialized: (sessionId) => void sessions.set(sessionId, transport),
      onsessionclosed: (sessionId) => void sessions.delete(sessionId),
    });
    await createServer().connect(transport);
    await transport.handleRequest(request, response);
  }
}

if (process.argv[2] === 'http') serveHttp((request, response) => void handle(request, response));
else await createServer().connect(new StdioServerTransport());
