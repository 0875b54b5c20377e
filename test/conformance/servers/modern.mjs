// The reference server of 2026-07-28, with the SDK of that era and nothing of the one before: `node modern.mjs stdio|http`.
import { randomBytes, randomUUID } from 'node:crypto';
import {
  CLIENT_CAPABILITIES_META_KEY,
  createMcpHandler,
  createRequestStateCodec,
  inputRequired,
  ProtocolError,
  ResourceNotFoundError,
  Server,
} from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { getPrompt, prompts, readResource, resources, resourceTemplates } from './content.mjs';
import { serveHttp, throughFetch } from './http.mjs';
import { callTool, tools } from './tools.mjs';

const invalidParams = -32602;
const capabilities = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { subscribe: true, listChanged: true },
  completions: {},
  logging: {},
};
const hint = { ttlMs: 60_000, cacheScope: 'public' };
const cacheable = [
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'server/discover',
];

// Every request is served by a server of its own over HTTP: what lasts between the rounds of a call is in its state.
const codec = createRequestStateCodec({ key: new Uint8Array(randomBytes(32)) });

/** Thrown by a question that has no answer yet: the call ends with what is to be asked. */
class NotYet extends Error {
  constructor(result) {
    super('input is required');
    this.result = result;
  }
}

function createServer() {
  const server = new Server(
    { name: 'reference-modern', version: '1.0.0' },
    {
      capabilities,
      requestState: { verify: codec.verify },
      cacheHints: Object.fromEntries(cacheable.map((method) => [method, hint])),
    },
  );
  server.setRequestHandler('tools/list', () => ({ tools }));
  server.setRequestHandler('resources/list', () => ({ resources }));
  server.setRequestHandler('resources/templates/list', () => ({ resourceTemplates }));
  server.setRequestHandler('prompts/list', () => ({ prompts }));
  server.setRequestHandler('completion/complete', () => ({
    completion: { values: [], total: 0, hasMore: false },
  }));
  server.setRequestHandler('resources/read', ({ params }) => {
    const contents = readResource(params.uri);
    if (!contents) throw new ResourceNotFoundError(params.uri);
    return { contents };
  });
  server.setRequestHandler('prompts/get', async ({ params }, ctx) => {
    const prompt = await unlessAsking(getPrompt(params.name, params.arguments ?? {}, clientOf(server, ctx)));
    if (!prompt) throw new ProtocolError(invalidParams, `Unknown prompt: ${params.name}`);
    return prompt;
  });
  server.setRequestHandler('tools/call', async ({ params }, ctx) => {
    const called = callTool(params.name, params.arguments ?? {}, clientOf(server, ctx));
    const result = await unlessAsking(called.then((content) => content && { content })).catch((error) => ({
      content: [{ type: 'text', text: error.message }],
      isError: true,
    }));
    if (!result) throw new ProtocolError(invalidParams, `Unknown tool: ${params.name}`);
    return result;
  });
  return server;
}

async function unlessAsking(work) {
  try {
    return await work;
  } catch (error) {
    if (error instanceof NotYet) return error.result;
    throw error;
  }
}

/** The client of one request, as the tools see it. A tool runs from its start in every round, with the answers so far. */
function clientOf(server, { mcpReq }) {
  const known = { ...mcpReq.requestState()?.answers, ...mcpReq.inputResponses };
  const declared = mcpReq.envelope?.[CLIENT_CAPABILITIES_META_KEY] ?? {};
  return {
    declares: (capability) => declared[capability] !== undefined,
    ask: async (requests, { state = false } = {}) => {
      const open = Object.entries(requests).filter(([key, { method }]) => !answers(method, known[key]));
      const stateless = state && mcpReq.requestState() === undefined;
      if (open.length === 0 && !stateless) return known;
      const inputRequests = stateless ? requests : Object.fromEntries(open);
      const minted = state ? await codec.mint({ answers: known, nonce: randomUUID() }) : undefined;
      throw new NotYet(inputRequired({ inputRequests, ...(minted ? { requestState: minted } : {}) }));
    },
    progress: async (progress, total) => {
      const progressToken = mcpReq._meta?.progressToken;
      if (progressToken === undefined) return;
      const params = { progressToken, progress, total };
      await mcpReq.notify({ method: 'notifications/progress', params });
    },
    log: (data) => mcpReq.log('info', data),
    changed: async (kind) => {
      if (handler) handler.notify[`${kind}Changed`]();
      else await server.notification({ method: `notifications/${kind}/list_changed` });
    },
    dropStream: () => undefined,
  };
}

const shapes = {
  'elicitation/create': (value) => value.action === 'accept' && typeof value.content === 'object',
  'sampling/createMessage': (value) => typeof value.content === 'object',
  'roots/list': (value) => Array.isArray(value.roots),
};

/** Whether a value answers a question of that kind. */
function answers(method, value) {
  return typeof value === 'object' && value !== null && shapes[method](value);
}

const handler = process.argv[2] === 'http' ? createMcpHandler(createServer, { legacy: 'reject' }) : undefined;
if (handler) serveHttp((request, response) => void throughFetch(handler.fetch, request, response));
else serveStdio(createServer, { legacy: 'reject' });
