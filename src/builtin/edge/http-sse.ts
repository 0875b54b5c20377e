import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Scope } from '../catalogue/scope';
import { Conversation, type ConversationParts } from '../protocol/conversation';
import { BodyTooLargeError, readBody } from './body';
import { EventStream } from './event-stream';
import { sendProblem } from './respond';

interface Connection {
  conversation: Conversation;
  scope: Scope;
}

/**
 * The transport of 2024-11-05, for clients that know nothing else: everything comes on one event stream, everything is
 * sent to an address that the stream names first.
 */
export class HttpSseEndpoint {
  readonly #open = new Map<string, Connection>();

  constructor(
    readonly parts: Pick<ConversationParts, 'legacy' | 'modern' | 'report'>,
    readonly limits: () => { readonly bodyBytes: number },
  ) {}

  /** Opens the stream. `path` is its own address, below which messages are sent. */
  listen(response: ServerResponse, scope: Scope, path: string): void {
    const id = randomUUID();
    const stream = new EventStream(response);
    const conversation = new Conversation({
      ...this.parts,
      scope: () => this.#open.get(id)?.scope ?? scope,
      send: (message) => stream.send(message, 'message'),
    });
    this.#open.set(id, { conversation, scope });
    stream.onClosed(() => {
      this.#open.delete(id);
      conversation.close();
    });
    stream.send(`${path}/message?sessionId=${id}`, 'endpoint');
  }

  /** Takes one message; its answer comes on the stream. */
  async receive(
    request: IncomingMessage,
    response: ServerResponse,
    scope: Scope,
    id: string | null,
  ): Promise<void> {
    const pair = id === null ? undefined : this.#open.get(id);
    if (pair?.scope.key !== scope.key || pair.scope.profile.name !== scope.profile.name) {
      sendProblem(response, {
        status: 404,
        code: 'not-found',
        message: 'there is no event stream of that session',
        next: 'Open one first: GET /sse.',
      });
      return;
    }
    pair.scope = scope;
    try {
      pair.conversation.receive(await readBody(request, this.limits().bodyBytes));
      response.writeHead(202).end();
    } catch (error) {
      if (!(error instanceof BodyTooLargeError)) throw error;
      const { message } = error;
      const next = 'Send less at once.';
      sendProblem(response, { status: 413, code: 'too-large', message, next }, { connection: 'close' });
    }
  }
}
