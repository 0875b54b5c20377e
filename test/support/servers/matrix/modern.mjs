// The side of 2026-07-28 of the bridge matrix: `node modern.mjs stdio|http`.
import { createMcpHandler, inputRequired, ProtocolError, Server } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { serveHttp, throughFetch } from '../../../conformance/servers/http.mjs';
import * as offer from './tools.mjs';

const capabilities = {
  tools: { listChanged: true },
  prompts: {},
  resources: { subscribe: true },
  completions: {},
  logging: {},
};

class NotYet extends Error {
  constructor(result) {
    super('input is required');
    this.result = result;
  }
}

function createServer() {
  const server = new Server({ name: 'matrix-modern', version: '1.0.0' }, { capabilities });
  server.setRequestHandler('tools/list', () => ({ tools: offer.listTools() }));
  server.setRequestHandler('resources/list', () => ({ resources: offer.resources }));
  server.setRequestHandler('resources/templates/list', () => ({
    resourceTemplates: offer.resourceTemplates,
  }));
  server.setRequestHandler('prompts/list', () => ({ prompts: offer.prompts }));
  server.setRequestHandler('resources/read', ({ params }) => ({ contents: offer.readResource(params.uri) }));
  server.setRequestHandler('prompts/get', ({ params }) => offer.greet(params.arguments.who));
  server.setRequestHandler('completion/complete', ({ params }) => offer.complete(params.argument.value));
  server.setRequestHandler('tools/call', async ({ params }, { mcpReq }) => {
    try {
      const content = await offer.callTool(params.name, params.arguments ?? {}, clientOf(server, mcpReq));
      if (content) return { content };
    } catch (error) {
      if (error instanceof NotYet) return error.result;
      throw error;
    }
    throw new ProtocolError(-32602, `Unknown tool: ${params.name}`);
  });
  return server;
}

function clientOf(server, mcpReq) {
  return {
    signal: mcpReq.signal,
    ask: async (inputRequests) => {
      if (mcpReq.inputResponses) return mcpReq.inputResponses;
      throw new NotYet(inputRequired({ inputRequests }));
    },
    progress: async (progress, total) => {
      const progressToken = mcpReq._meta?.progressToken;
      if (progressToken === undefined) return;
      await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total } });
    },
    log: (data) => mcpReq.log('info', data),
    updated: async (uri) => {
      if (handler) handler.notify.resourceUpdated(uri);
      else await server.notification({ method: 'notifications/resources/updated', params: { uri } });
    },
    toolsChanged: async () => {
      if (handler) handler.notify.toolsChanged();
      else await server.notification({ method: 'notifications/tools/list_changed' });
    },
  };
}

const handler = process.argv[2] === 'http' ? createMcpHandler(createServer, { legacy: 'reject' }) : undefined;
if (handler) serveHttp((request, response) => void throughFetch(handler.fetch, request, response));
else serveStdio(createServer, { legacy: 'reject' });
