import { sendJson, sendProblem } from '../respond';
import type { ApiContext } from './context';
import type { ApiRoute } from './route';
import { step } from '../../../platform/next-step';

/** Acknowledges the change of a tool. `:name` is the name of the tool in `/api/tools`. */
export function toolChangeRoutes({ registry, toolChanges }: ApiContext): ApiRoute[] {
  return [
    {
      method: 'POST',
      path: 'tools/:name/acknowledge',
      access: 'admin',
      handle: async ({ response, names: [name = ''] }) => {
        const entry = registry.entries(registry.all, 'tools').get(name);
        if (!entry) {
          sendProblem(response, {
            status: 404,
            code: 'not-found',
            message: `There is no tool "${name}".`,
            next: step('List the tools.', 'tools'),
          });
          return;
        }
        const acknowledged = await toolChanges.acknowledge(entry.server.name, entry.item.identity);
        sendJson(response, 200, { name, acknowledged });
      },
    },
  ];
}
