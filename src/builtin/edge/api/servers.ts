import type { ServerResponse } from 'node:http';
import { sendJson, sendProblem } from '../respond';
import type { ApiContext } from './context';
import { overview } from './overview';
import type { ApiRoute } from './route';
import { unknownServer } from './unknown-server';

export function serverRoutes(context: ApiContext): ApiRoute[] {
  return [
    {
      method: 'GET',
      path: 'servers',
      access: 'client',
      handle: ({ response }) => sendJson(response, 200, overview(context)),
    },
    {
      method: 'POST',
      path: 'servers/:name/restart',
      access: 'client',
      handle: ({ response, names: [name = ''] }) => restartServer(context, response, name),
    },
  ];
}

function restartServer({ registry }: ApiContext, response: ServerResponse, name: string): void {
  const server = registry.servers.get(name);
  if (!server) unknownServer(response, name);
  else if (server.state === 'disabled')
    sendProblem(response, {
      status: 409,
      code: 'conflict',
      message: `The server "${name}" is disabled.`,
      next: 'Enable it in servers.json.',
    });
  else {
    void server.restart();
    sendJson(response, 202, { server: registry.report(server) });
  }
}
