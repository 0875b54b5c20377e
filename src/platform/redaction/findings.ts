/** A part of a text that is a secret, and what is shown in its place. */
export interface SecretSpan {
  start: number;
  end: number;
  shown: string;
}

/** Takes the place of a secret. */
export const mask = '<redacted>';

/**
 * Replaces findings in the first `length` characters of a text. Where findings overlap, all of their text is replaced
 * once; a secret value counts more than a text that looks like a secret.
 */
export function withoutFindings(text: string, found: readonly SecretSpan[], length = text.length): string {
  if (found.length === 0) return length < text.length ? text.slice(0, length) : text;
  let clean = '';
  let at = 0;
  for (const { start, end, shown } of merged(found)) {
    if (start >= length) break;
    clean += text.slice(at, start) + shown;
    at = end;
  }
  return at < length ? clean + text.slice(at, length) : clean;
}

function merged(found: readonly SecretSpan[]): SecretSpan[] {
  const result: SecretSpan[] = [];
  for (const one of [...found].sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = result.at(-1);
    if (!last || one.start >= last.end) {
      result.push({ ...one });
      continue;
    }
    last.end = Math.max(last.end, one.end);
    if (one.shown === mask) last.shown = mask;
  }
  return result;
}
