import type { SecretSpan } from './findings';

interface TokenKind {
  kind: string;
  pattern: RegExp;
  /** What the text must have in addition. */
  is?: (token: string) => boolean;
}

/** Words can look like the token of some kinds, but they have neither digits nor upper case. */
const isRandom = (token: string): boolean => /[0-9A-Z]/.test(token.slice(3));

/** Common kinds of tokens that can be recognized by their format. */
const tokenKinds: readonly TokenKind[] = [
  {
    kind: 'GitHub',
    pattern: /(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255})/g,
  },
  { kind: 'GitLab', pattern: /(?<![A-Za-z0-9])gl(?:pat|ptt|dt|rt|soat)-[A-Za-z0-9_-]{20,}/g },
  { kind: 'AWS', pattern: /(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])/g },
  { kind: 'Google', pattern: /(?<![A-Za-z0-9])(?:AIza[A-Za-z0-9_-]{35}|ya29\.[A-Za-z0-9_-]{20,})/g },
  { kind: 'Slack', pattern: /(?<![A-Za-z0-9])(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,}/g, is: isRandom },
  { kind: 'OpenAI', pattern: /(?<![A-Za-z0-9])sk-[A-Za-z0-9_-]{20,}/g, is: isRandom },
  { kind: 'Stripe', pattern: /(?<![A-Za-z0-9])[rs]k_(?:live|test)_[A-Za-z0-9]{16,}/g },
  { kind: 'npm', pattern: /(?<![A-Za-z0-9])npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])/g },
  { kind: 'PyPI', pattern: /(?<![A-Za-z0-9])pypi-[A-Za-z0-9_-]{50,}/g },
  { kind: 'Hugging Face', pattern: /(?<![A-Za-z0-9])hf_[A-Za-z0-9]{30,}/g },
  {
    kind: 'private key',
    pattern:
      /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^"]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|(?="|$))/g,
  },
];

/** Every text with a token of these kinds matches this. It is a cheap test before the patterns are tried. */
const hint =
  /gh[pousr]_|github_pat_|gl(?:pat|ptt|dt|rt|soat)-|AKIA|ASIA|AIza|ya29\.|xox[abeoprs]-|xapp-|sk-|[rs]k_(?:live|test)_|npm_|pypi-|hf_|-----BEGIN /;

/**
 * A run of the letters of base64url, a dot, and the second part of a JSON Web Token. It only begins where a run begins, so
 * each run is read once; where the token begins in it is found afterwards.
 */
const jwt = /(?<![A-Za-z0-9_-])([A-Za-z0-9_-]{11,})\.eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?/g;
const jwtStart = /(?<![A-Za-z0-9_])eyJ[A-Za-z0-9_-]{8}/;

/** The tokens of known kinds in a text. */
export function knownTokens(text: string): SecretSpan[] {
  const found: SecretSpan[] = [];
  if (text.includes('.eyJ')) addJwts(text, found);
  if (!hint.test(text)) return found;
  for (const { kind, pattern, is } of tokenKinds)
    for (const { index, 0: token } of text.matchAll(pattern))
      if (is?.(token) ?? true)
        found.push({ start: index, end: index + token.length, shown: `<redacted ${kind}>` });
  return found;
}

function addJwts(text: string, found: SecretSpan[]): void {
  for (const { index, 0: whole, 1: first = '' } of text.matchAll(jwt)) {
    const start = jwtStart.exec(first);
    if (start) found.push({ start: index + start.index, end: index + whole.length, shown: '<redacted JWT>' });
  }
}
