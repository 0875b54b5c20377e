import type { ServersFile } from './schema';

/**
 * Merges a personal file over the shared one: its servers replace servers of the same name, and new ones are added.
 * The gateway's kind and settings come from the shared file.
 */
export function mergeServersFiles(shared: ServersFile, personal: ServersFile): ServersFile {
  return { ...shared, servers: new Map([...shared.servers, ...personal.servers]) };
}
