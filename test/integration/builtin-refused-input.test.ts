import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CreateMessageRequestSchema, ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { ownServer, startTestGateway } from '../support/gateway';

describe('a client that refuses one of several requests for input of one call', () => {
  it('gets the other ones taken back, and the refusal as the error of the call', async () => {
    const gateway = await startTestGateway({ servers: { one: ownServer('two-questions') } });
    const client = new Client(
      { name: 'test', version: '1' },
      { capabilities: { sampling: {}, elicitation: {} } },
    );
    const asked = new EventTarget();
    const sampled = once(asked, 'sampled');
    const takenBack = once(asked, 'taken-back');
    client.setRequestHandler(CreateMessageRequestSchema, async (_request, { signal }) => {
      asked.dispatchEvent(new Event('sampled'));
      await once(signal, 'abort');
      asked.dispatchEvent(new Event('taken-back'));
      return { model: 'none', role: 'assistant', content: { type: 'text', text: 'too late' } };
    });
    client.setRequestHandler(ElicitRequestSchema, async () => {
      await sampled;
      throw new Error('nobody is here');
    });
    const requestInit = { headers: { authorization: `Bearer ${gateway.token}` } };
    await client.connect(new StreamableHTTPClientTransport(new URL(gateway.url), { requestInit }));
    await assert.rejects(client.callTool({ name: 'one__ask', arguments: {} }), /refused.*nobody is here/);
    await takenBack;
    await client.close();
    await gateway.stop();
  });
});
