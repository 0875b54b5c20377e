import { laterKind } from '../later';

/** Docker MCP Gateway. */
export const docker = laterKind(
  'docker',
  'Docker MCP Gateway',
  'Runs each server as a container, and needs the engine socket for it.',
);
