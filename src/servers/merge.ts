import type { ServersFile } from './schema';

/**
 * Lays a personal file over the shared one: its servers replace those of the same name, new ones are added.
 * The gateway's kind and settings stay the shared file's.
 */
export function mergeServersFiles(shared: ServersFile, personal: ServersFile): ServersFile {
  return { ...shared, servers: new Map([...shared.servers, ...personal.servers]) };
}
