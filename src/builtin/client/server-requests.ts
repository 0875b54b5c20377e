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

/**
 * The requests of servers to one client: sampling, elicitation and roots. They get ids of the client's session, so that
 * each response reaches the server that sent the request.
 */
export class ServerRequests {
  readonly #open = new Map<RawId, PendingServerRequest>();
  #next = 1;

  /** Sends the request and waits for the response. `send` returns whether the client could be reached. */
  async send(request: ServerRequest, send: (message: Buffer) => boolean): Promise<RpcResponse> {
    const id = this.#next++;
    const key = String(id);
    return await new Promise<RpcResponse>((resolve, reject) => {
      const cancel = (): void => {
        send(notificationBytes('notifications/cancelled', Buffer.from(JSON.stringify({ requestId: id }))));
        this.#open.get(key)?.settle(new RpcError(codes.internal, 'The server cancelled its request.'));
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
        const problem =
          'The request cannot be sent to the client, because the client has no open event stream.';
        this.#open.get(key)?.settle(new RpcError(codes.internal, problem));
      }
    });
  }

  /** Handles a response of the client. Ignores an id that is not pending. */
  response(message: ResultMessage | ErrorMessage): void {
    if (message.id === undefined) return;
    const pending = this.#open.get(message.id);
    pending?.settle(
      message.kind === 'result'
        ? { kind: 'result', body: slice(message.bytes, message.result) }
        : { kind: 'error', body: slice(message.bytes, message.error) },
    );
  }

  /** Handles a progress notification of the client. The progress token is the id of the request. */
  progress(params: Params): void {
    const token = params.member('progressToken');
    if (token) this.#open.get(params.bytes.toString('utf8', token.start, token.end))?.progress(params);
  }

  close(): void {
    for (const pending of [...this.#open.values()])
      pending.settle(new RpcError(codes.internal, 'The client has ended its session.'));
  }
}
