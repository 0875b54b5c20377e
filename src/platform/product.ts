/**
 * The names of the program, defined only here: the command and the npm package, the title that people see, the prefix of
 * our labels in a container engine, and the mark in the files that we write.
 */
export const product = {
  command: 'devcontainer-gateway',
  title: 'MCP Gateway for Dev Containers',
  labels: 'io.devcontainer-gateway',
  fileMark: 'Managed by devcontainer-gateway',
} as const;
