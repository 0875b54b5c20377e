// A session of an AI client with a server that it starts as a command.
import { Pipe } from '../pipe.mjs';
import { sessionParams } from '../connection.mjs';

/** Starts the command, opens a session and resolves, once its tools are listed, with `{ tools, close }`. */
export async function pipeSession(server, { capabilities, answer }) {
  const pipe = new Pipe(server, { answer, log: 'ignore' });
  await pipe.request('initialize', { ...sessionParams, capabilities });
  pipe.notify('notifications/initialized');
  const { result, error } = await pipe.request('tools/list', {});
  if (!result) throw new Error(`${server.args.join(' ')} lists no tools: ${JSON.stringify(error)}`);
  return { tools: result.tools.length, close: async () => await pipe.stop() };
}
