import http from 'node:http';

/** Requests `/health` of the gateway on this machine. Resolves with the exit status for a container's health check. */
export async function healthcheck(port: number): Promise<number> {
  return await new Promise((resolve) => {
    const request = http.get({ host: '127.0.0.1', port, path: '/health', timeout: 3000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200 ? 0 : 1);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(1));
  });
}
