const assignment = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=(.*)$/;

/**
 * Reads lines of the form `NAME=value`. Empty lines and lines that start with `#` are ignored, and quotes around a value
 * are removed. Other lines are skipped: `onSkipped` receives their numbers, from 1.
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

/** The form of a variable name. */
export const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Whether a value fits in one line: it is not empty, and it contains no line break and no NUL. */
export function isLineValue(value: string): boolean {
  return value !== '' && !/[\0\r\n\u2028\u2029]/.test(value);
}

/**
 * The text with the variable set to a value (see {@link isLineValue}), or without the variable for `undefined`. Every
 * other line is unchanged.
 */
export function withVariable(text: string, name: string, value: string | undefined): string {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const sets = (line: string): boolean => assignment.exec(line.replace(/\r$/, ''))?.[1] === name;
  const at = lines.findIndex(sets);
  const kept = lines.filter((line) => !sets(line));
  if (value !== undefined) kept.splice(at < 0 ? kept.length : at, 0, `${name}=${quoted(value)}`);
  return kept.map((line) => `${line}\n`).join('');
}

/** Adds quotes when the value would not be read back the same without them. */
function quoted(value: string): string {
  return unquoted(value.trim()) === value ? value : `"${value.replaceAll(/["\\$]/g, '\\$&')}"`;
}

function unquoted(value: string): string {
  const [, quote, inner] = /^(["'])(.*)\1$/.exec(value) ?? [];
  if (inner === undefined) return value;
  return quote === '"' ? inner.replaceAll(/\\(["\\$])/g, '$1') : inner;
}
