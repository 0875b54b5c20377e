import {
  notificationBytes,
  requestBytes,
  type ErrorMessage,
  type RawId,
  type ResultMessage,
} from '../../mcp-wire/envelope';
import { slice } from '../../mcp-wire/envelope';
import type { Params } from '../../mcp-wire/params';
import { codes, RpcError } from '../../mcp-wire/rpc-error';
import type { ServerRequest } from './call-link';
import type { RpcResponse } from '../../mcp-wire/rpc-response';

interface PendingServerRequest {
  settle(answer: RpcResponse | RpcError): void;
  progress(params: Params): void;
}

/** What servers ask one client for, under ids of its session, so that each answer reaches the one server that asked. */
export class ServerRequests {
  readonly #open = new Map<RawId, PendingServerRequest>();
  #next = 1;

  /** Sends the question and waits for its answer. `send` returns whether there was a way to the client. */
  async send(request: ServerRequest, send: (message: Buffer) => boolean): Promise<RpcResponse> {
    const id = this.#next++;
    const key = String(id);
    return await new Promise<RpcResponse>((resolve, reject) => {
      const cancel = (): void => {
        send(notificationBytes('notifications/cancelled', Buffer.from(JSON.stringify({ requestId: id }))));
        this.#open.get(key)?.settle(new RpcError(codes.internal, 'the server took its question back'));
      };
      this.#open.set(key, {
        settle: (answer) => {
          this.#open.delete(key);
          request.signal.removeEventListener('abort', cancel);
          if (answer instanceof RpcError) reject(answer);
          else resolve(answer);
        },
        progress: (params) => request.progress(params),
      });
      request.signal.addEventListener('abort', cancel, { once: true });
      if (!send(requestBytes(id, request.method, request.params.forNextHop(id)))) {
        const problem = 'the client cannot be asked: it listens to no event stream';
        this.#open.get(key)?.settle(new RpcError(codes.internal, problem));
      }
    });
  }

  /** Takes a client's answer. An id that is not open is of no meaning here. */
  response(message: ResultMessage | ErrorMessage): void {
    if (message.id === undefined) return;
    const question = this.#open.get(message.id);
    question?.settle(
      message.kind === 'result'
        ? { kind: 'result', body: slice(message.bytes, message.result) }
        : { kind: 'error', body: slice(message.bytes, message.error) },
    );
  }

  /** Takes a client's progress on a question; the question's id is the token. */
  progress(params: Params): void {
    const token = params.member('progressToken');
    if (token) this.#open.get(params.bytes.toString('utf8', token.start, token.end))?.progress(params);
  }

  close(): void {
    for (const question of [...this.#open.values()])
      question.settle(new RpcError(codes.internal, 'the client has ended its session'));
  }
}
