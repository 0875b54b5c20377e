import { sidecar } from '../devcontainer/sidecar';
import { isInside } from '../gateway/resolve/inside';
import type { Facts } from '../gateway/doctor/facts';
import { countOf, verdicts, type Check } from '../gateway/doctor/rule';
import { exitStatus } from './exit-status';
import { nextFields } from '../servers/api-types';
import { printJson, type CliIo } from './io';
import { isNamed, openManager, workspaceChoice, type ManagerOptions } from './manager';

/** `doctor`: finds what is wrong between a client and a server, and how to fix it. Its status is 1 when there is a problem. */
export async function doctor(io: CliIo, options: ManagerOptions): Promise<number> {
  // What reads Compose files and speaks to the engine takes a while to load.
  const { diagnose } = await import('../gateway/doctor/diagnose');
  const { facts, checks, text } = await diagnose({
    choice: workspaceChoice(io, options),
    open: async () => await openManager(io, addressed(io, options)),
    signal: io.signal,
  });
  if (options.json === true) printJson(io, document(facts, checks));
  else io.stdout(text);
  return countOf(checks, 'problem') === 0 ? exitStatus.success : exitStatus.failure;
}

/** In a container without the variable, the gateway still has its name. */
function addressed(io: Pick<CliIo, 'env'>, options: ManagerOptions): ManagerOptions {
  if (isNamed(io, options) || options.local === true || !isInside(io.env)) return options;
  return { ...options, url: sidecar.url };
}

/** The JSON form. */
export function document(
  { workspace, inside }: Pick<Facts, 'workspace' | 'inside'>,
  checks: readonly Check[],
) {
  return {
    ok: countOf(checks, 'problem') === 0,
    workspace,
    place: inside ? 'dev container' : 'host',
    counts: Object.fromEntries(verdicts.map((verdict) => [verdict, countOf(checks, verdict)])),
    checks: checks.map((check) => ('next' in check ? { ...check, ...nextFields(check.next) } : check)),
  };
}
