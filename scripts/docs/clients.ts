// The table of docs/clients.md.
import { clientKey, clients } from '../../src/clients/clients';
import { code, table } from './table';

export function clientsTable(): string {
  const rows = clients.map(({ id, label, file, path, entry }, index) => [
    label,
    index === 0 ? 'always written' : code(`--client ${id}`),
    code(file),
    code([...path, clientKey].join('.')),
    addressField(entry),
  ]);
  return table(['client', 'how to ask for it', 'file', 'key of the entry', 'field of the address'], rows);
}

/** The field that holds the gateway's address, and the type of transport where the entry names one. */
function addressField(entry: Readonly<Record<string, unknown>>): string {
  const field = Object.keys(entry).find((key) => String(entry[key]).includes('MCP_GATEWAY_URL'));
  if (field === undefined) throw new Error('The entry of a client names no address.');
  return typeof entry['type'] === 'string'
    ? `${code(field)}, with ${code(`type: "${entry['type']}"`)}`
    : code(field);
}
