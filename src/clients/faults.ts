import { isRecord } from '../platform/jsonc/jsonc';
import { type AiClient, clientKey, gatewayVariables, isGatewayAddress, isGatewayHost } from './clients';

/** What keeps an entry from reaching the gateway, as sentences without their end; other changes by the user are allowed. */
export function faultsOf(entry: unknown, { addressField, entry: expected }: AiClient): string[] {
  if (!isRecord(entry)) return [`"${clientKey}" is not an object`];
  const headers = isRecord(entry['headers']) ? entry['headers'] : {};
  return [
    typeFault(entry['type'], expected['type']),
    addressFault(addressField, entry[addressField]),
    authorizationFault(headers['Authorization'] ?? headers['authorization']),
  ].filter((fault) => fault !== undefined);
}

function typeFault(type: unknown, expected: unknown): string | undefined {
  if (type === expected || expected === undefined) return undefined;
  return type === undefined
    ? `"type" is missing; it is ${JSON.stringify(expected)}`
    : `"type" is ${JSON.stringify(type)} instead of ${JSON.stringify(expected)}`;
}

/** The user may write out an address, but may not name another variable. */
function addressFault(key: string, value: unknown): string | undefined {
  if (typeof value !== 'string') return `"${key}" is missing`;
  const variable = variableIn(value);
  if (variable === undefined) {
    if (!URL.canParse(value)) return `"${key}" is not a URL: ${JSON.stringify(value)}`;
    return isGatewayHost(value) ? undefined : foreignFault(key, value);
  }
  if (variable !== gatewayVariables.url)
    return `"${key}" names the variable ${variable} instead of ${gatewayVariables.url}`;
  // A default, or a text around the variable, can be another host.
  return isGatewayAddress(value) ? undefined : foreignFault(key, value);
}

function foreignFault(key: string, value: string): string {
  return `"${key}" would send the gateway's token to another host: ${JSON.stringify(value.slice(0, 200))}`;
}

function authorizationFault(value: unknown): string | undefined {
  if (typeof value !== 'string') return 'the header "Authorization" is missing';
  const variable = variableIn(value);
  if (variable === undefined)
    return 'the header "Authorization" contains the token itself instead of a variable';
  if (variable !== gatewayVariables.token)
    return `the header "Authorization" names the variable ${variable} instead of ${gatewayVariables.token}`;
  return /^Bearer /i.test(value) ? undefined : 'the header "Authorization" does not start with "Bearer "';
}

/** The first variable that a text names, in any client's notation: `${NAME:-default}`, `${env:NAME}`, `{env:NAME}`. */
function variableIn(text: string): string | undefined {
  return /\$?\{(?:env:)?([A-Za-z_]\w*)/.exec(text)?.[1];
}
