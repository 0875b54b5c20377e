// A web-standard handler on a loopback port, for loopback hosts only.
import { createServer } from 'node:http';
import { Readable } from 'node:stream';

const loopback = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/** Serves `/mcp` and prints the URL as one line of JSON. */
export function serveHttp(handle) {
  const server = createServer((request, response) => {
    const { host = '', origin } = request.headers;
    const foreign = !loopback.test(host) || (origin !== undefined && !loopback.test(new URL(origin).host));
    if (foreign) response.writeHead(403).end();
    else if (request.url !== '/mcp') response.writeHead(404).end();
    else handle(request, response);
  });
  server.listen(0, '127.0.0.1', () =>
    console.log(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}/mcp` })),
  );
}

/** Answers a request of `node:http` through a `fetch`-shaped handler; a client that goes away aborts the request. */
export async function throughFetch(fetch, request, response) {
  const aborter = new AbortController();
  response.on('close', () => aborter.abort());
  const withBody = request.method !== 'GET' && request.method !== 'HEAD';
  const answer = await fetch(
    new Request(`http://${request.headers.host}${request.url}`, {
      method: request.method,
      headers: Object.entries(request.headersDistinct).flatMap(([name, values]) =>
        values.map((value) => [name, value]),
      ),
      body: withBody ? Readable.toWeb(request) : undefined,
      duplex: 'half',
      signal: aborter.signal,
    }),
  );
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  if (!answer.body) {
    response.end();
    return;
  }
  response.flushHeaders();
  for await (const chunk of answer.body) response.write(chunk);
  response.end();
}
