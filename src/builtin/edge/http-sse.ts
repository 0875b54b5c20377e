import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Scope } from '../catalogue/scope';
import { Conversation, type ConversationParts } from '../protocol/conversation';
import { BodyTooLargeError, readBody } from './body';
import { EventStream } from './event-stream';
import { BudgetError, type BodyBudget } from './body-budget';
import { sendProblem, type HttpProblem } from './respond';

interface Connection {
  conversation: Conversation;
  scope: Scope;
}

/**
 * The HTTP+SSE transport of 2024-11-05, for old clients. The client receives everything on one event stream, and sends its
 * messages to the URL that the first event names.
 */
export class HttpSseEndpoint {
  readonly #open = new Map<string, Connection>();

  constructor(
    readonly parts: Pick<ConversationParts, 'legacy' | 'modern' | 'report'>,
    readonly limits: () => { readonly bodyBytes: number },
    readonly bodies: BodyBudget,
  ) {}

  /** Opens the stream. Messages are sent to a URL below its own `path`. */
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

  /** Handles one message. Its response is sent on the stream. */
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
        message: 'There is no event stream with this session id.',
        next: 'Open one first with GET /sse.',
      });
      return;
    }
    pair.scope = scope;
    const share = this.bodies.share(scope.profile.name);
    try {
      const handled = pair.conversation.receive(await readBody(request, this.limits().bodyBytes, share));
      response.writeHead(202).end();
      await handled;
    } catch (error) {
      const problem = bodyProblem(error);
      if (!problem) throw error;
      sendProblem(response, problem, { connection: 'close' });
    } finally {
      share.release();
    }
  }
}

function bodyProblem(error: unknown): HttpProblem | undefined {
  if (error instanceof BodyTooLargeError)
    return { status: 413, code: 'too-large', message: error.message, next: 'Send smaller messages.' };
  if (error instanceof BudgetError)
    return { status: 503, code: 'budget', message: error.message, next: 'Send it again a little later.' };
  return undefined;
}
