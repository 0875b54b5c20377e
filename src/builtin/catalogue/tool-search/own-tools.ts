/** The two tools that replace all others. No other tool is listed beside them, so the names cannot clash. */
export const findTool = 'find_tool';
export const callTool = 'call_tool';

export const defaultLimit = 5;
export const maximumLimit = 20;

/** The maximum number of servers that the description names. */
const namedServers = 30;

/** The definitions of the two tools. `servers` are the names of the servers whose tools can be found. */
export function ownTools(servers: readonly string[], tools: number): object[] {
  const shown = servers.slice(0, namedServers).join(', ');
  const rest = servers.length > namedServers ? ' and others' : '';
  return [
    {
      name: findTool,
      title: 'Find tools',
      description: `Finds the best tools for a task among ${tools} tools of these servers: ${shown}${rest}. Describe in a few words what the tool should do. Returns the full definitions of the best matches. Call one of them with ${callTool}.`,
      inputSchema: {
        type: 'object',
        properties: {
          query: { type: 'string', description: 'What the tool should do, or part of its name.' },
          limit: {
            type: 'integer',
            minimum: 1,
            maximum: maximumLimit,
            default: defaultLimit,
            description: 'The maximum number of tools to return.',
          },
        },
        required: ['query'],
      },
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    {
      name: callTool,
      title: 'Call a tool',
      description: `Calls a tool that ${findTool} has returned, and returns its result.`,
      inputSchema: {
        type: 'object',
        properties: {
          name: { type: 'string', description: `The name of the tool, as ${findTool} returned it.` },
          arguments: {
            type: 'object',
            description: "The arguments for the tool. They must match the tool's inputSchema.",
          },
        },
        required: ['name'],
      },
    },
  ];
}
