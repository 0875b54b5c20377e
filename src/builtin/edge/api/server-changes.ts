import type { IncomingMessage } from 'node:http';
import * as v from 'valibot';
import { sentence } from '../../../platform/sentence';
import { AppError } from '../../../platform/errors';
import { readBody } from '../body';
import { sendJson } from '../respond';
import { overview } from './overview';
import { reportProblems, describeProblem } from './report-problems';
import type { ApiContext } from './context';
import type { ApiCall, ApiRoute } from './route';
import { step } from '../../../platform/next-step';

const bodyLimit = 256 * 1024;

const addition = v.object({ name: v.string(), definition: v.unknown() });

/** Paths that change servers and tools while the gateway is running. The changes are saved in the gateway's state. */
export function serverChangeRoutes(context: ApiContext): ApiRoute[] {
  const { live, registry } = context;
  const changed = async (call: ApiCall, status: number, change: () => Promise<string>): Promise<void> => {
    await reportProblems(call.response, async () => {
      const server = registry.servers.get(await change());
      sendJson(call.response, status, { server: server ? registry.report(server) : null });
    });
  };
  const switches = [
    { word: 'enable', enabled: true },
    { word: 'disable', enabled: false },
  ].flatMap(({ word, enabled }): ApiRoute[] => [
    {
      method: 'POST',
      path: `servers/:name/${word}`,
      access: 'admin',
      handle: async (call) =>
        changed(call, 200, async () => {
          const [name = ''] = call.names;
          await live.switchServer(name, enabled);
          return name;
        }),
    },
    {
      method: 'POST',
      path: `servers/:name/tools/:tool/${word}`,
      access: 'admin',
      handle: async (call) =>
        changed(call, 200, async () => {
          const [name = '', tool = ''] = call.names;
          requireTool(context, name, tool);
          await live.switchTool(name, tool, enabled);
          return name;
        }),
    },
  ]);
  return [
    ...switches,
    {
      method: 'POST',
      path: 'switches/reset',
      access: 'admin',
      handle: async ({ response }) =>
        reportProblems(response, async () => {
          await live.resetSwitches();
          sendJson(response, 200, overview(context));
        }),
    },
    {
      method: 'POST',
      path: 'servers',
      access: 'admin',
      handle: async (call) =>
        changed(call, 201, async () => {
          const { name, definition } = await additionIn(call.request);
          await live.add(name, definition);
          return name;
        }),
    },
    {
      method: 'DELETE',
      path: 'servers/:name',
      access: 'admin',
      handle: async ({ response, names: [name = ''] }) =>
        reportProblems(response, async () => {
          await live.remove(name);
          response.writeHead(204).end();
        }),
    },
  ];
}

function requireTool({ registry }: ApiContext, name: string, tool: string): void {
  const server = registry.servers.get(name);
  if (!server || server.items.tools.some(({ identity }) => identity === tool)) return;
  throw new AppError('not-found', `The server "${name}" has no tool "${tool}".`, {
    next: step('List its tools.', 'tools', '--server', name),
  });
}

async function additionIn(request: IncomingMessage): Promise<v.InferOutput<typeof addition>> {
  const body = await readBody(request, bodyLimit);
  try {
    return v.parse(addition, JSON.parse(body.toString('utf8')));
  } catch (error) {
    throw new AppError('invalid-value', sentence(`The server cannot be added: ${describeProblem(error)}`), {
      next: 'Send {"name":…,"definition":…} with a definition as in servers.json.',
      cause: error,
    });
  }
}
