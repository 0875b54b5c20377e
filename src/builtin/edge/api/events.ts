import { openStream } from '../event-stream';
import type { ApiContext } from './context';
import type { ApiRoute } from './route';
import { overview } from './overview';

/** All changes as server-sent events. The first event is the whole state. */
export function eventRoutes(context: ApiContext): ApiRoute[] {
  const { registry, callControl, toolChanges, stateProblems, gateway, onGatewayChanged } = context;
  return [
    {
      method: 'GET',
      path: 'events',
      access: 'client',
      handle: ({ response }) =>
        openStream(response, (send) => {
          send(JSON.stringify(overview(context)), 'servers');
          return [
            onGatewayChanged(() => send(JSON.stringify(gateway()), 'gateway')),
            registry.onServersChanged(() => send(JSON.stringify(overview(context)), 'servers')),
            stateProblems.onChanged(() => send(JSON.stringify(overview(context)), 'servers')),
            registry.onChanged((server) => send(JSON.stringify(registry.report(server)), 'server')),
            toolChanges.onChanged((change) => send(JSON.stringify(change), 'tool-changed')),
            toolChanges.onAcknowledged((tool) => send(JSON.stringify(tool), 'tool-acknowledged')),
            registry.onCatalogueChanged(({ server }) =>
              send(JSON.stringify({ server: server.name }), 'catalogue'),
            ),
            callControl.calls.onChanged((call) => send(JSON.stringify(call), 'call')),
            callControl.onSlow((call) => send(JSON.stringify(call), 'slow-call')),
          ];
        }),
    },
  ];
}
