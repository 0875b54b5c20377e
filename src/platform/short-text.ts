/**
 * The text, or its beginning of `longest` characters. It is a copy: a part that is cut out would keep the whole of a long
 * text in memory for as long as itself.
 */
export function shortText(text: string, longest: number): string {
  return text.length <= longest ? text : Buffer.from(text.slice(0, longest)).toString();
}
