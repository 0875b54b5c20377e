import path from 'node:path';
import { AppError } from '../../platform/errors';
import { exists } from '../../platform/files';

/** The bundled gateway program: beside the bundle that runs, or in `dist` when this runs from source. */
export async function gatewayProgram(folder = __dirname): Promise<string> {
  const candidates = ['.', '..', '../../dist', '../../../dist'].map((base) =>
    path.resolve(folder, base, 'gateway.cjs'),
  );
  for (const candidate of candidates) if (await exists(candidate)) return candidate;
  throw new AppError('not-found', `The gateway program is missing: ${candidates[0] ?? ''}.`, {
    next: 'Install the package again, or build it: npm run build.',
  });
}
