/** The text with a full stop, so that it is a sentence and another sentence can follow it. */
export function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
