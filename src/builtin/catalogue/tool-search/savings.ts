/** How many bytes of JSON are taken for one token. */
const bytesPerToken = 4;

/** How much shorter than the full list of tools it was. */
export interface Savings {
  /** How the numbers were come by: they are not a tokenizer's. */
  estimate: string;
  fullListTokens: number;
  shownTokens: number;
  savedTokens: number;
}

/** `shownBytes`: what was shown in place of a list of `fullBytes`. */
export function savings(fullBytes: number, shownBytes: number): Savings {
  const fullListTokens = Math.round(fullBytes / bytesPerToken);
  const shownTokens = Math.round(shownBytes / bytesPerToken);
  return {
    estimate: `bytes / ${bytesPerToken}`,
    fullListTokens,
    shownTokens,
    savedTokens: Math.max(0, fullListTokens - shownTokens),
  };
}
