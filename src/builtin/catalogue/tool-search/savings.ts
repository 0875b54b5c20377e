/** The number of bytes of JSON that count as one token. */
const bytesPerToken = 4;

/** How many tokens were saved compared with the full list of tools. */
export interface Savings {
  /** How the numbers are estimated. They do not come from a tokenizer. */
  estimate: string;
  fullListTokens: number;
  shownTokens: number;
  savedTokens: number;
}

/** `shownBytes` is the size of what was shown instead of a list of `fullBytes`. */
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
