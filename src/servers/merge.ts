import type { ServersFile } from './schema';

/**
 * Lays a personal file over the shared one: its servers replace those of the same name, new ones are added.
 * The gateway kind stays the shared file's.
 */
export function mergeServersFiles(shared: ServersFile, personal: ServersFile): ServersFile {
  return { servers: new Map([...shared.servers, ...personal.servers]), kind: shared.kind };
}
