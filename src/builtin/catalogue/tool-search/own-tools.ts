/** The two tools that stand for all others. No server's tool is listed beside them, so their names are free. */
export const findTool = 'find_tool';
export const callTool = 'call_tool';

export const defaultLimit = 5;
export const maximumLimit = 20;

/** So many servers are named to the model. */
const namedServers = 30;

/** The definitions of the two tools; `servers` are the names of the servers whose tools can be found. */
export function ownTools(servers: readonly string[], tools: number): object[] {
  const shown = servers.slice(0, namedServers).join(', ');
  const rest = servers.length > namedServers ? ' and others' : '';
  return [
    {
      name: findTool,
      title: 'Find tools',
      description: `Finds the tools for a task among ${tools} tools of these servers: ${shown}${rest}. Say in a few words what the tool should do. Returns the full definitions of the best matches; call one with ${callTool}.`,
      inputSchema: {
        type: 'object',
        properties: {
          query: { type: 'string', description: 'What the tool should do, or part of its name.' },
          limit: {
            type: 'integer',
            minimum: 1,
            maximum: maximumLimit,
            default: defaultLimit,
            description: 'How many tools to return at most.',
          },
        },
        required: ['query'],
      },
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    {
      name: callTool,
      title: 'Call a tool',
      description: `Calls a tool that ${findTool} has found, and returns its result.`,
      inputSchema: {
        type: 'object',
        properties: {
          name: { type: 'string', description: `The name of the tool, as ${findTool} returned it.` },
          arguments: { type: 'object', description: "The arguments, as the tool's inputSchema has them." },
        },
        required: ['name'],
      },
    },
  ];
}
