import * as v from 'valibot';

const Entry = v.pipe(
  v.string(),
  v.parseJson(),
  v.looseObject({ time: v.string(), level: v.string(), message: v.string() }),
);

/** A line of a log for reading: an entry in JSON becomes its time, level, message and the rest as `key=value`. */
export function logLine(line: string): string {
  const parsed = line.startsWith('{') ? v.safeParse(Entry, line) : undefined;
  if (parsed?.success !== true) return line;
  const { time, level, message, ...rest } = parsed.output;
  const fields = Object.entries(rest).map(([key, value]) => ` ${key}=${JSON.stringify(value)}`);
  return `${time} [${level}] ${message}${fields.join('')}`;
}
