import type { ToolInfo } from '../gateway/driver';
import { withGateway } from './gateway';
import { printJson, type CliIo } from './io';
import type { CommonOptions } from './options';

export interface ToolsOptions extends CommonOptions {
  search?: string;
  server?: string;
}

/** `tools`: lists what can be called. */
export async function tools(io: CliIo, options: ToolsOptions): Promise<void> {
  const all = await withGateway(io, options, async (gateway) => await gateway.tools());
  const found = all.filter((tool) => matches(tool, options));
  if (options.json === true) {
    printJson(io, {
      tools: found.map((tool) => ({ ...tool.definition, server: tool.server, tool: tool.tool })),
    });
    return;
  }
  if (found.length === 0) {
    io.stderr(all.length === 0 ? 'The gateway has no tools.\n' : `No tool matches, out of ${all.length}.\n`);
    return;
  }
  const width = Math.min(40, Math.max(...found.map((tool) => tool.name.length)));
  for (const tool of found) {
    io.stdout(
      `${`${tool.name.padEnd(width)}  ${firstLine(tool.description ?? tool.title ?? '')}`.trimEnd()}\n`,
    );
  }
}

function matches(tool: ToolInfo, options: ToolsOptions): boolean {
  if (options.server !== undefined && tool.server !== options.server) return false;
  const text = `${tool.name} ${tool.title ?? ''} ${tool.description ?? ''}`.toLowerCase();
  return (options.search ?? '')
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function firstLine(text: string): string {
  const line = text.trim().split(/\r\n|\r|\n/, 1)[0] ?? '';
  return line.length > 100 ? `${line.slice(0, 99)}…` : line;
}
