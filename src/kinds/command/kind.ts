import { laterKind } from '../later';

/** One local command that speaks MCP on its standard streams. */
export const command = laterKind('stdio', 'Local command', 'One process for each use; nothing is shared.');
