/** What the workspace has: no dev container, one without a gateway, or one with. */
export type WorkspaceKind = 'unknown' | 'nothing' | 'devcontainer' | 'gateway';
