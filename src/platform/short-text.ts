/**
 * The text, or its first `longest` characters. The shorter text is a copy, because a slice of a string keeps the whole
 * string in memory.
 */
export function shortText(text: string, longest: number): string {
  return text.length <= longest ? text : Buffer.from(text.slice(0, longest)).toString();
}
