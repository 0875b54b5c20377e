// The tables of docs/servers.md: the variables that servers receive.
import { passedVariables } from '../../src/builtin/upstream/transports/child-environment';
import { code, table } from './table';

export function passedVariablesTable(): string {
  const rows = passedVariables.map(({ purpose, names }) => [purpose, names.map(code).join(', ')]);
  return table(['for', 'variables'], rows);
}
