import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
} from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import * as types from '@modelcontextprotocol/sdk/types.js';
import type { TestGateway } from './gateway';

interface CallOptions {
  signal?: AbortSignal;
  onprogress?: (progress: { progress: number }) => void;
}

/** What a cell of the bridge matrix does with a client, whichever SDK it is made of. */
export interface MatrixClient {
  /** The text of a tool's result. */
  call(name: string, args?: Record<string, unknown>, options?: CallOptions): Promise<string>;
  toolNames(): Promise<string[]>;
  readText(uri: string): Promise<string>;
  greeting(who: string): Promise<string>;
  completions(value: string): Promise<string[]>;
  /** From now on the log messages of servers are wanted. */
  wantLog(): Promise<void>;
  /** From now on changes of the resource, and of the lists, are wanted. */
  watch(uri: string): Promise<void>;
  /** Ends the session as well. */
  end(): Promise<void>;
  readonly seen: { log: unknown[]; updated: string[]; toolsChanged: number };
  close(): Promise<void>;
}

const capabilities = { sampling: {}, elicitation: { form: {} }, roots: { listChanged: true } };
export const answers = {
  sampled: { role: 'assistant', content: { type: 'text', text: 'Because.' }, model: 'test' },
  elicited: { action: 'accept', content: { color: 'green' } },
  roots: { roots: [{ uri: 'file:///matrix', name: 'matrix' }] },
} as const;

const info = { name: 'matrix-client', version: '1' };
const textOf = (content: unknown): string => (content as { text: string }[]).map(({ text }) => text).join('');

export async function legacyClient(
  gateway: TestGateway,
  { roots }: { roots?: string[] } = {},
): Promise<MatrixClient> {
  const client = new LegacyClient(info, { capabilities });
  const seen: MatrixClient['seen'] = { log: [], updated: [], toolsChanged: 0 };
  client.setRequestHandler(types.CreateMessageRequestSchema, () => answers.sampled);
  client.setRequestHandler(types.ElicitRequestSchema, () => answers.elicited);
  client.setRequestHandler(types.ListRootsRequestSchema, () => ({
    roots: roots?.map((uri) => ({ uri })) ?? [...answers.roots.roots],
  }));
  client.setNotificationHandler(types.LoggingMessageNotificationSchema, ({ params }) => {
    seen.log.push(params.data);
  });
  client.setNotificationHandler(types.ResourceUpdatedNotificationSchema, ({ params }) => {
    seen.updated.push(params.uri);
  });
  client.setNotificationHandler(types.ToolListChangedNotificationSchema, () => {
    seen.toolsChanged += 1;
  });
  const transport = new LegacyTransport(new URL(gateway.url), {
    requestInit: { headers: { authorization: `Bearer ${gateway.token}` } },
  });
  await client.connect(transport);
  return {
    seen,
    call: async (name, args = {}, options = {}) =>
      textOf((await client.callTool({ name, arguments: args }, undefined, options)).content),
    toolNames: async () => (await client.listTools()).tools.map(({ name }) => name),
    readText: async (uri) => textOf((await client.readResource({ uri })).contents),
    greeting: async (who) =>
      textOf(
        (await client.getPrompt({ name: 'greet', arguments: { who } })).messages.map(
          ({ content }) => content,
        ),
      ),
    completions: async (value) => {
      const ref = { type: 'ref/prompt' as const, name: 'greet' };
      return (await client.complete({ ref, argument: { name: 'who', value } })).completion.values;
    },
    wantLog: async () => {
      await client.setLoggingLevel('info');
    },
    watch: async (uri) => {
      await client.subscribeResource({ uri });
    },
    close: async () => client.close(),
    end: async () => {
      await transport.terminateSession();
      await client.close();
    },
  };
}

export async function modernClient(gateway: TestGateway): Promise<MatrixClient> {
  const client = new ModernClient(info, { capabilities, versionNegotiation: { mode: 'auto' } });
  const seen: MatrixClient['seen'] = { log: [], updated: [], toolsChanged: 0 };
  let meta = {};
  client.setRequestHandler('sampling/createMessage', () => answers.sampled);
  client.setRequestHandler('elicitation/create', () => answers.elicited);
  client.setRequestHandler('roots/list', () => ({ roots: [...answers.roots.roots] }));
  client.setNotificationHandler('notifications/message', ({ params }) => {
    seen.log.push(params.data);
  });
  client.setNotificationHandler('notifications/resources/updated', ({ params }) => {
    seen.updated.push(params.uri);
  });
  client.setNotificationHandler('notifications/tools/list_changed', () => {
    seen.toolsChanged += 1;
  });
  await client.connect(
    new ModernTransport(new URL(gateway.url), {
      requestInit: { headers: { authorization: `Bearer ${gateway.token}` } },
    }),
  );
  return {
    seen,
    call: async (name, args = {}, options = {}) =>
      textOf((await client.callTool({ name, arguments: args, _meta: meta }, options)).content),
    toolNames: async () => (await client.listTools()).tools.map(({ name }) => name),
    readText: async (uri) => textOf((await client.readResource({ uri })).contents),
    greeting: async (who) =>
      textOf(
        (await client.getPrompt({ name: 'greet', arguments: { who } })).messages.map(
          ({ content }) => content,
        ),
      ),
    completions: async (value) => {
      const ref = { type: 'ref/prompt' as const, name: 'greet' };
      return (await client.complete({ ref, argument: { name: 'who', value } })).completion.values;
    },
    wantLog: async () => {
      meta = { 'io.modelcontextprotocol/logLevel': 'info' };
      await Promise.resolve();
    },
    watch: async (uri) => {
      await client.listen({ resourceSubscriptions: [uri], toolsListChanged: true });
    },
    close: async () => client.close(),
    end: async () => client.close(),
  };
}
