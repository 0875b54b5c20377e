/**
 * What the program is called, in the one place that says so: the command and the npm package, what a person reads, the
 * prefix of our labels in a container engine, and the mark by which our files are recognised.
 */
export const product = {
  command: 'devcontainer-gateway',
  title: 'MCP Gateway for Dev Containers',
  labels: 'io.devcontainer-gateway',
  fileMark: 'Managed by devcontainer-gateway',
} as const;
