import { EventBudget } from '../client/event-budget';
import { Sessions } from '../client/session';
import type { ServerRegistry } from '../catalogue/server-registry';
import type { CallControl } from '../call-control/call-control';
import { LegacyProtocol } from '../protocol/legacy';
import { Listeners } from '../protocol/listeners';
import { ModernProtocol } from '../protocol/modern';
import { ParkedCalls } from '../protocol/parked-calls';
import { Router } from '../calls/router';
import type { ToolSearch } from '../catalogue/tool-search/tool-search';

/** Both protocol eras over one router, and everything that lasts longer than a request. */
export interface Protocols {
  legacy: LegacyProtocol;
  modern: ModernProtocol;
  sessions: Sessions;
  dispose(): void;
}

export function makeProtocols(
  registry: ServerRegistry,
  callControl: CallControl,
  search: ToolSearch,
): Protocols {
  const router = new Router(registry, callControl.gate, search);
  const events = new EventBudget(() => callControl.budgets().eventBytes);
  const sessions = new Sessions(events);
  callControl.observeEvents(events);
  const parked = new ParkedCalls();
  const listeners = new Listeners(registry, router);
  callControl.observe(registry, sessions);
  relayNotifications(registry, sessions);
  return {
    legacy: new LegacyProtocol(registry, router, sessions),
    modern: new ModernProtocol(registry, router, parked, listeners),
    sessions,
    dispose: () => {
      listeners.dispose();
      parked.dispose();
      sessions.dispose();
    },
  };
}

/** Relays notifications of servers that belong to no request to the sessions that can see the server. */
function relayNotifications(registry: ServerRegistry, sessions: Sessions): void {
  registry.onListChanged(({ server, method }) => {
    for (const session of sessions.seeing(server.name)) session.notify(method, undefined);
  });
  registry.onNotification(({ server, method, params }) => {
    for (const session of sessions.seeing(server.name))
      if (!server.isDedicatedFor(session)) session.notify(method, params);
  });
}
