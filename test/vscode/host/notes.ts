/** Figures that the report prints beside the tests. */
export const notes: string[] = [];

export function note(text: string): void {
  notes.push(text);
}
