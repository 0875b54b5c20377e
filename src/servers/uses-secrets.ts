import { literalSecrets } from './literal-secrets';
import { providedByGateway } from './needed-variables';
import type { ServerDefinition } from './schema';
import { variablesIn } from './variables';

/** Whether a server is given a secret: a variable of the person who runs the gateway, or a literal value that looks like one. */
export function usesSecrets(definition: ServerDefinition): boolean {
  const given = [...variablesIn(definition)].some((name) => !providedByGateway.includes(name));
  return given || literalSecrets(definition).length > 0;
}
