// A server of 2026-07-28 over HTTP whose tool wants one of its arguments repeated in a header (SEP-2243).
import { createMcpHandler, fromJsonSchema, McpServer } from '@modelcontextprotocol/server';
import { serveHttp, throughFetch } from '../../conformance/servers/http.mjs';

const inputSchema = fromJsonSchema({
  type: 'object',
  properties: { region: { type: 'string', 'x-mcp-header': 'Region' } },
});

const handler = createMcpHandler(
  () => {
    const server = new McpServer({ name: 'region', version: '1.0.0' });
    server.registerTool('where', { inputSchema }, ({ region }) => ({
      content: [{ type: 'text', text: `in ${region}` }],
    }));
    return server;
  },
  { legacy: 'reject' },
);

serveHttp((request, response) => void throughFetch(handler.fetch, request, response));
