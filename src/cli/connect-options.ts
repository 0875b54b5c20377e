import { parseArgs } from 'node:util';
import type { ConnectOptions } from './connect';

/**
 * The options of `connect` as agents start it, without the parser of the whole command line: that one takes a third of the
 * time until the bridge runs. `undefined` for anything unusual, such as a request for help: the parser reports it.
 */
export function connectOptions(args: readonly string[]): ConnectOptions | undefined {
  try {
    const { values } = parseArgs({ args: [...args], options: names, allowPositionals: false });
    const { 'token-file': tokenFile, ...others } = values;
    return { ...others, ...(tokenFile === undefined ? {} : { tokenFile }) };
  } catch {
    return undefined;
  }
}

const names = {
  workspace: { type: 'string' },
  config: { type: 'string' },
  url: { type: 'string' },
  'token-file': { type: 'string' },
  driver: { type: 'string' },
  json: { type: 'boolean' },
  wait: { type: 'string' },
} as const;
