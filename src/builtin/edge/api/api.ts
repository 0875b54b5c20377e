import type { IncomingMessage, ServerResponse } from 'node:http';
import { BodyTooLargeError } from '../body';
import type { Guard } from '../guard';
import { recordRefusal } from '../record-refusal';
import { sendJson, sendProblem, type HttpProblem } from '../respond';
import type { Profile } from '../../tokens/profile';
import { callRoutes } from './calls';
import type { ApiContext } from './context';
import { eventRoutes } from './events';
import { listRoutes } from './lists';
import { logRoutes } from './logs';
import { namesIn, type ApiCall, type ApiRoute } from './route';
import { secretRoutes } from './secrets';
import { serverChangeRoutes } from './server-changes';
import { serverRoutes } from './servers';
import { toolChangeRoutes } from './tool-changes';
import { settingsRoutes } from './settings';
import { tokenRoutes } from './tokens';

/** The `/api` paths, for the editor and the command line. */
export class Api {
  readonly #routes: readonly ApiRoute[];

  constructor(
    readonly context: ApiContext,
    readonly guard: Guard,
  ) {
    this.#routes = [
      ...serverRoutes(context),
      ...serverChangeRoutes(context),
      ...listRoutes(context),
      ...toolChangeRoutes(context),
      ...logRoutes(context),
      ...callRoutes(context),
      ...tokenRoutes(context),
      ...secretRoutes(context),
      ...settingsRoutes(context),
      ...eventRoutes(context),
      gatewayRestart(context),
    ];
  }

  /** Handles a request. `path` is the decoded part after `/api/`. Resolves with `false` when there is no such path. */
  async handle(
    request: IncomingMessage,
    response: ServerResponse,
    path: readonly string[],
    query: URLSearchParams,
    profile: Profile,
  ): Promise<boolean> {
    for (const route of this.#routes) {
      const names = route.method === request.method ? namesIn(route, path) : undefined;
      if (!names) continue;
      const refusal = route.access === 'admin' ? await this.#adminProblem(request) : undefined;
      if (refusal) await this.#refuse(request, response, refusal, profile);
      else await handled(route, { request, response, names, query });
      return true;
    }
    return false;
  }

  /** A token that asks for more than it may do is recorded. */
  async #refuse(
    request: IncomingMessage,
    response: ServerResponse,
    problem: HttpProblem,
    profile: Profile,
  ): Promise<void> {
    const { callControl } = this.context;
    await recordRefusal(callControl, request, profile, problem.message);
    callControl.countRejected(problem.code);
    sendProblem(response, problem);
  }

  /** Why a change is refused: by its token, or by where it comes from. */
  async #adminProblem({ headers, socket }: IncomingMessage): Promise<HttpProblem | undefined> {
    return this.guard.checkAdmin(headers) ?? (await this.context.peerProblem?.(socket));
  }
}

/** Runs the handler of a route. A too large body is answered with 413. */
async function handled(route: ApiRoute, call: ApiCall): Promise<void> {
  try {
    await route.handle(call);
  } catch (error) {
    if (!(error instanceof BodyTooLargeError)) throw error;
    const message = `The body is larger than ${error.limit} bytes, which is the limit for this path.`;
    const next = 'Send a smaller body.';
    sendProblem(call.response, { status: 413, code: 'too-large', message, next }, { connection: 'close' });
  }
}

function gatewayRestart(context: ApiContext): ApiRoute {
  return {
    method: 'POST',
    path: 'restart',
    access: 'client',
    handle: ({ response }) => {
      sendJson(response, 202, { gateway: context.gateway() });
      response.on('close', () => context.restart());
    },
  };
}
