// The table of docs/clients.md.
import { clientKey, clients } from '../../src/clients/clients';
import { code, table } from './table';

export function clientsTable(): string {
  const rows = clients.map(({ id, label, file, path, addressField, entry }, index) => [
    label,
    index === 0 ? 'always written' : code(`--client ${id}`),
    code(file),
    code([...path, clientKey].join('.')),
    typeof entry['type'] === 'string'
      ? `${code(addressField)}, with ${code(`type: "${entry['type']}"`)}`
      : code(addressField),
  ]);
  return table(['client', 'how to ask for it', 'file', 'key of the entry', 'field of the address'], rows);
}
