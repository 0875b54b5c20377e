import type { GatewayKind } from '../servers/gateway-settings';
import { AppError } from '../platform/errors';

/** What a person should know of a gateway kind before choosing it. */
export interface KindRow {
  kind: GatewayKind;
  label: string;
  /** How far it is, in a few words. */
  maturity: string;
  limits: string;
  /** Whether this version can put it beside a dev container. */
  available: boolean;
}

/** The kinds that `add` offers, the recommended one first. */
export const kindRows: readonly KindRow[] = [
  {
    kind: 'builtin',
    label: 'Built-in gateway',
    maturity: 'recommended',
    limits: 'One small container, without the engine socket. Servers run in it, on Node.',
    available: true,
  },
  {
    kind: 'docker',
    label: 'Docker MCP Gateway',
    maturity: 'not in this version',
    limits: 'Runs each server as a container, and needs the engine socket for it.',
    available: false,
  },
  {
    kind: 'contextforge',
    label: 'IBM ContextForge',
    maturity: 'not in this version',
    limits: 'A large Python service with users, roles and a database of its own.',
    available: false,
  },
];

/** Throws `refused` for a kind that this version cannot put beside a dev container. */
export function requireAvailable(kind: string): void {
  if (kindRows.some((row) => row.kind === kind && row.available)) return;
  const available = kindRows.filter((row) => row.available).map((row) => row.kind);
  throw new AppError('refused', `The gateway kind "${kind}" is not available in this version.`, {
    next: `Use ${available.join(' or ')}.`,
  });
}
