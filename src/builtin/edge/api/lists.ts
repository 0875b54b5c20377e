import { entryBytes } from '../../catalogue/merged';
import { joined } from '../../../mcp-wire/params';
import type { ListKind } from '../../../mcp-wire/lists';
import { splice } from '../../../mcp-wire/envelope';
import type { ApiContext } from './context';
import type { ApiRoute } from './route';

/** The path of each merged list, and the key for the name that the server gives an entry. */
const listed: readonly { path: string; kind: ListKind; key: string }[] = [
  { path: 'tools', kind: 'tools', key: 'tool' },
  { path: 'prompts', kind: 'prompts', key: 'prompt' },
  { path: 'resources', kind: 'resources', key: 'resource' },
  { path: 'resource-templates', kind: 'resourceTemplates', key: 'resourceTemplate' },
];

export function listRoutes(context: ApiContext): ApiRoute[] {
  return listed.map(({ path, kind, key }) => ({
    method: 'GET',
    path,
    access: 'client',
    handle: ({ response }) => {
      const body = listBytes(context, kind, key);
      response
        .writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
        .end(body);
    },
  }));
}

/** The merged list. The server's name and its name for the entry are added to each definition. */
function listBytes({ registry, toolChanges }: ApiContext, kind: ListKind, key: string): Buffer {
  const entries = [...registry.entries(registry.all, kind).values()].map((entry) => {
    const bytes = entryBytes(entry);
    const source = JSON.stringify({
      server: entry.server.name,
      [key]: entry.item.identity,
      changed: kind === 'tools' ? toolChanges.markOf(entry.server.name, entry.item.identity) : undefined,
    }).slice(1, -1);
    // They are added at the end, so that they win when a definition has members with these names.
    const end = bytes.length - 1;
    return splice(bytes, { start: 0, end: bytes.length }, [{ start: end, end, replacement: `,${source}` }]);
  });
  return Buffer.concat([Buffer.from(`{"${kind}":[`), ...joined(entries), Buffer.from(']}')]);
}
