import * as v from 'valibot';
import type { GatewayAddress } from '../../gateway/address';
import { bodyOf, chunksOf, exchange } from '../../gateway/http';
import type { ListName, ListsPart } from '../../gateway/kind';
import { apiUrl, bearer, problemIn, unreachable } from '../../gateway/resolve/probe';
import { serverSentEvents } from '../../mcp-wire/server-sent-events';
import { AppError } from '../../platform/errors';

const requestMs = 30_000;
const Changed = v.pipe(v.string(), v.parseJson(), v.object({ server: v.string() }));

/** The merged lists of the built-in gateway over plain HTTP, so that a look at them loads no MCP client. */
export class BuiltinLists implements ListsPart {
  constructor(readonly address: GatewayAddress) {}

  async list(name: ListName): Promise<unknown> {
    const { address } = this;
    try {
      const reply = await this.#get(name, 'application/json', AbortSignal.timeout(requestMs));
      const text = (await bodyOf(reply)).toString('utf8');
      if (reply.statusCode === 200) return JSON.parse(text);
      const problem = problemIn(text);
      const message =
        problem?.message ?? `The gateway answered ${name} with HTTP status ${reply.statusCode ?? 0}.`;
      throw new AppError('protocol', message, problem ? { next: problem.step } : {});
    } catch (error) {
      throw error instanceof AppError ? error : unreachable(address, error);
    }
  }

  async *changes(signal: AbortSignal): AsyncGenerator<string> {
    const reply = await this.#get('events', 'text/event-stream', signal);
    for await (const { event, data } of serverSentEvents(chunksOf(reply))) {
      if (event !== 'catalogue') continue;
      const parsed = v.safeParse(Changed, data);
      yield parsed.success ? parsed.output.server : '';
    }
  }

  async #get(path: string, accept: string, signal: AbortSignal) {
    const headers = { accept, ...bearer(this.address.token) };
    const url = apiUrl(this.address, path);
    return await exchange({ url, method: 'GET', headers, signal, fresh: true }).reply;
  }
}
