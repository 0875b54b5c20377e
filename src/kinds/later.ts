import type { Kind } from '../gateway/kind';
import { AppError } from '../platform/errors';
import { step } from '../platform/next-step';

const instead = step('Use "builtin", or use "http" and pass the address of the gateway with --url.');

/** A kind that this version names and cannot use yet: every use of it says so. */
export function laterKind(id: Kind['id'], label: string, limits: string): Kind {
  const message = `The gateway kind "${id}" is not available in this version.`;
  return {
    id,
    label,
    available: false,
    maturity: 'not in this version',
    limits,
    detect: () => false,
    health: ({ url }) => Promise.resolve({ type: 'unfit', url: url.href, reason: message, next: instead }),
    openDriver: () => Promise.reject(new AppError('refused', message, { next: instead })),
  };
}
