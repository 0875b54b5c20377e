const assignment = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=(.*)$/;

/**
 * Reads lines of `NAME=value`; empty lines and those that start with `#` are left out, quotes around a value belong to
 * the notation. A line of another form is left out too: `onSkipped` gets its number, from 1.
 */
export function parseVariables(
  text: string,
  onSkipped: (line: number) => void = () => undefined,
): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  text.split(/\r?\n/).forEach((line, i) => {
    if (line.trim() === '' || line.trimStart().startsWith('#')) return;
    const [, name, value] = assignment.exec(line) ?? [];
    if (name === undefined || value === undefined) onSkipped(i + 1);
    else variables.set(name, unquoted(value.trim()));
  });
  return variables;
}

function unquoted(value: string): string {
  const [, quote, inner] = /^(["'])(.*)\1$/.exec(value) ?? [];
  if (inner === undefined) return value;
  return quote === '"' ? inner.replaceAll(/\\(["\\$])/g, '$1') : inner;
}
