import { Sessions } from '../client/session';
import type { Fleet } from '../catalogue/server-registry';
import type { Oversight } from '../calls/oversight';
import { LegacyProtocol } from '../protocol/legacy';
import { Listeners } from '../protocol/listeners';
import { ModernProtocol } from '../protocol/modern';
import { ParkedCalls } from '../protocol/parked-calls';
import { Router } from '../calls/router';
import type { ToolSearch } from '../catalogue/tool-search/tool-search';

/** Both protocols over one router, with everything that lasts longer than a request. */
export interface Protocols {
  legacy: LegacyProtocol;
  modern: ModernProtocol;
  sessions: Sessions;
  dispose(): void;
}

export function makeProtocols(fleet: Fleet, oversight: Oversight, search: ToolSearch): Protocols {
  const router = new Router(fleet, oversight.gate, search);
  const sessions = new Sessions();
  const parked = new ParkedCalls();
  const listeners = new Listeners(fleet, router);
  oversight.observe(fleet, sessions);
  relayNotifications(fleet, sessions);
  return {
    legacy: new LegacyProtocol(fleet, router, sessions),
    modern: new ModernProtocol(fleet, router, parked, listeners),
    sessions,
    dispose: () => {
      listeners.dispose();
      parked.dispose();
      sessions.dispose();
    },
  };
}

/** What a server says by itself goes to the sessions that can see it. */
function relayNotifications(fleet: Fleet, sessions: Sessions): void {
  fleet.onListChanged(({ server, method }) => {
    for (const session of sessions.seeing(server.name)) session.tell(method, undefined);
  });
  fleet.onNotification(({ server, method, params }) => {
    for (const session of sessions.seeing(server.name))
      if (!server.isOwnFor(session)) session.tell(method, params);
  });
}
