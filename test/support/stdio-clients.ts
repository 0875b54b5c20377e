import { Client as ModernClient } from '@modelcontextprotocol/client';
import { StdioClientTransport as ModernStdio } from '@modelcontextprotocol/client/stdio';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as LegacyStdio } from '@modelcontextprotocol/sdk/client/stdio.js';

/** A command that speaks MCP on its standard streams. */
export interface StdioCommand {
  command: string;
  args: string[];
  cwd: string;
  env: Record<string, string>;
}

/** What a client saw: the names of all tools, and the content of one call's result. */
export interface Visit {
  tools: string[];
  content: unknown;
}

/** Lists the tools and calls one of them, as a program with the v1 SDK does. */
export async function visitWithV1(
  command: StdioCommand,
  tool: string,
  args: Record<string, unknown>,
): Promise<Visit> {
  const client = new LegacyClient({ name: 'v1-test', version: '1' });
  await client.connect(new LegacyStdio({ ...command, stderr: 'inherit' }));
  try {
    const { tools } = await client.listTools();
    const { content } = await client.callTool({ name: tool, arguments: args });
    return { tools: tools.map(({ name }) => name), content };
  } finally {
    await client.close();
  }
}

/** The same with the v2 SDK. */
export async function visitWithV2(
  command: StdioCommand,
  tool: string,
  args: Record<string, unknown>,
): Promise<Visit> {
  const client = new ModernClient({ name: 'v2-test', version: '1' });
  await client.connect(new ModernStdio({ ...command, stderr: 'inherit' }));
  try {
    const { tools } = await client.listTools();
    const { content } = await client.callTool({ name: tool, arguments: args });
    return { tools: tools.map(({ name }) => name), content };
  } finally {
    await client.close();
  }
}
