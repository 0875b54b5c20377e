import type { Kind } from '../../gateway/kind';
import { endpointHealth } from './health';

/** Any MCP endpoint. It counts as one server, and only what MCP itself offers is known of it. */
export const endpoint: Kind = {
  id: 'http',
  label: 'Remote MCP endpoint',
  available: true,
  maturity: 'by its URL',
  limits: 'Only what MCP offers: no states, logs or switches for the servers behind it.',
  detect: () => true,
  health: endpointHealth,
  openDriver: async (target, token) => {
    const { HttpDriver } = await import('../../gateway/drivers/http');
    return new HttpDriver(target, token);
  },
};
