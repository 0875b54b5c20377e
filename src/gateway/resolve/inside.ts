import { existsSync } from 'node:fs';
import { sidecar } from '../../devcontainer/sidecar';

/** Whether this runs beside a gateway that is known by its address alone, as inside a wired dev container. */
export function isInside(env: NodeJS.ProcessEnv): boolean {
  return Boolean(env[sidecar.urlVariable]) || existsSync(sidecar.tokenMount);
}
