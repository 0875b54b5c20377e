/**
 * Every id that package.json and the code share. A test holds the two together.
 * @see https://code.visualstudio.com/api/references/contribution-points
 */
export const command = {
  add: 'devcontainerGateway.add',
  remove: 'devcontainerGateway.remove',
  start: 'devcontainerGateway.start',
  stop: 'devcontainerGateway.stop',
  restart: 'devcontainerGateway.restart',
  recreate: 'devcontainerGateway.recreate',
  showLogs: 'devcontainerGateway.showLogs',
  doctor: 'devcontainerGateway.doctor',
  refresh: 'devcontainerGateway.refresh',
  openServersFile: 'devcontainerGateway.openServersFile',
  callTool: 'devcontainerGateway.callTool',
  runCall: 'devcontainerGateway.runCall',
  restartServer: 'devcontainerGateway.restartServer',
  showServerLog: 'devcontainerGateway.showServerLog',
  enableServer: 'devcontainerGateway.enableServer',
  disableServer: 'devcontainerGateway.disableServer',
  copyName: 'devcontainerGateway.copyName',
  copyConnection: 'devcontainerGateway.copyConnection',
} as const;
export type CommandId = (typeof command)[keyof typeof command];

export const viewContainer = 'devcontainerGateway';
export const view = { gateway: 'devcontainerGateway.gateway' } as const;

export const setting = {
  /** When the status item is shown: `wired` (there is a gateway), `always`, `never`. */
  statusBar: 'devcontainerGateway.statusBar',
  /** Whether VS Code's own agent gets the gateway. */
  provideToAgent: 'devcontainerGateway.provideToAgent',
} as const;

export const contextKey = {
  /** The gateway's status, or `none`. */
  status: 'devcontainerGateway.status',
  /** `container` beside a sidecar, `host` on the machine that has the folder. */
  place: 'devcontainerGateway.place',
  /** What the workspace has: `nothing`, `devcontainer`, `gateway`; empty until it was looked at. */
  workspace: 'devcontainerGateway.workspace',
  /** Whether an engine can be reached: `yes`, `no`; empty until it was looked at. */
  engine: 'devcontainerGateway.engine',
} as const;
export type ContextKey = (typeof contextKey)[keyof typeof contextKey];

/** The provider of MCP servers to VS Code's own agent. */
export const mcpProvider = 'devcontainerGateway.gateway';

/** Schemes of the documents that the extension makes; menus and key bindings match the first. */
export const scheme = {
  call: 'devcontainer-gateway-call',
  result: 'devcontainer-gateway-result',
  schema: 'devcontainer-gateway-schema',
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
