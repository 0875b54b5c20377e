/**
 * Every id that package.json and the code share. A test holds the two together.
 * @see https://code.visualstudio.com/api/references/contribution-points
 */
export const command = {
  add: 'devcontainerMcp.add',
  remove: 'devcontainerMcp.remove',
  start: 'devcontainerMcp.start',
  stop: 'devcontainerMcp.stop',
  restart: 'devcontainerMcp.restart',
  recreate: 'devcontainerMcp.recreate',
  showLogs: 'devcontainerMcp.showLogs',
  doctor: 'devcontainerMcp.doctor',
  refresh: 'devcontainerMcp.refresh',
  openServersFile: 'devcontainerMcp.openServersFile',
  callTool: 'devcontainerMcp.callTool',
  runCall: 'devcontainerMcp.runCall',
  restartServer: 'devcontainerMcp.restartServer',
  showServerLog: 'devcontainerMcp.showServerLog',
  enableServer: 'devcontainerMcp.enableServer',
  disableServer: 'devcontainerMcp.disableServer',
  copyName: 'devcontainerMcp.copyName',
  copyConnection: 'devcontainerMcp.copyConnection',
} as const;
export type CommandId = (typeof command)[keyof typeof command];

export const viewContainer = 'devcontainerMcp';
export const view = { gateway: 'devcontainerMcp.gateway' } as const;

export const setting = {
  /** When the status item is shown: `wired` (there is a gateway), `always`, `never`. */
  statusBar: 'devcontainerMcp.statusBar',
  /** Whether VS Code's own agent gets the gateway. */
  provideToAgent: 'devcontainerMcp.provideToAgent',
} as const;

export const contextKey = {
  /** The gateway's status, or `none`. */
  status: 'devcontainerMcp.status',
  /** `container` beside a sidecar, `host` on the machine that has the folder. */
  place: 'devcontainerMcp.place',
  /** What the workspace has: `nothing`, `devcontainer`, `gateway`; empty until it was looked at. */
  workspace: 'devcontainerMcp.workspace',
  /** Whether an engine can be reached: `yes`, `no`; empty until it was looked at. */
  engine: 'devcontainerMcp.engine',
} as const;
export type ContextKey = (typeof contextKey)[keyof typeof contextKey];

/** The provider of MCP servers to VS Code's own agent. */
export const mcpProvider = 'devcontainerMcp.gateway';

/** Schemes of the documents that the extension makes; menus and key bindings match the first. */
export const scheme = {
  call: 'devcontainer-mcp-call',
  result: 'devcontainer-mcp-result',
  schema: 'devcontainer-mcp-schema',
} as const;

/** `contextValue`s of tree rows, as the menus of package.json match them. */
export const row = {
  gateway: 'gateway',
  server: 'server',
  disabledServer: 'server.disabled',
  group: 'group',
  tool: 'tool',
  resource: 'resource',
  prompt: 'prompt',
  trouble: 'trouble',
} as const;
