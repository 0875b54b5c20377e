import { openStream } from '../event-stream';
import type { ApiContext } from './context';
import type { ApiCall, ApiRoute } from './route';
import { unknownServer } from './unknown-server';

const defaultLines = 200;

export function logRoutes(context: ApiContext): ApiRoute[] {
  return [{ method: 'GET', path: 'logs/:name', access: 'client', handle: (call) => sendLog(context, call) }];
}

/** Sends the last `tail` lines, and with `follow=1` every new line. */
function sendLog(context: ApiContext, { response, names: [name = ''], query }: ApiCall): void {
  const log = context.log(name);
  if (!log) {
    unknownServer(response, name);
    return;
  }
  const lines = log.tail(Number(query.get('tail') ?? defaultLines) || 0);
  if (query.get('follow') !== '1') {
    response
      .writeHead(200, { 'content-type': 'text/plain; charset=utf-8' })
      .end(lines.map((line) => `${line}\n`).join(''));
    return;
  }
  openStream(response, (send) => {
    for (const line of lines) send(line);
    return [log.onLine((line) => send(line))];
  });
}
