/** The verbs of the command line that hints name, and the commands of the editor that do the same. */
const commands: readonly (readonly [verb: string, title: string])[] = [
  ['up', 'Start'],
  ['down', 'Stop'],
  ['restart', 'Restart'],
  ['logs', 'Show Logs'],
  ['status', 'Refresh'],
  ['doctor', 'Doctor'],
  ['add', 'Add MCP Gateway to devcontainer'],
  ['remove', 'Remove MCP Gateway from devcontainer'],
];

/**
 * A hint of the core, which names the command line, in the words of the editor: `run: devcontainer-gateway up` becomes
 * `run: "MCP Gateway: Start"`. One that is meant for another machine stays as it is.
 */
export function nextStep(hint: string): string {
  if (hint.includes('on the machine that runs')) return hint;
  return hint.replace(
    /"devcontainer-gateway (\w+)(?: [\w-]+)?"|\bdevcontainer-gateway (\w+)(?: (?!or\b|and\b)[\w-]+)?/g,
    (all, quoted: string | undefined, bare: string | undefined) => {
      const title = commands.find(([verb]) => verb === (quoted ?? bare))?.[1];
      return title === undefined ? all : `"MCP Gateway: ${title}"`;
    },
  );
}
