/** Replaces secrets. */
export interface Redaction {
  readonly redact: (text: string) => string;
  /** The text without secrets, as JSON. */
  readonly quote: (text: string) => string;
}

/** Tokens of common kinds, which are recognised by their form alone. */
const tokenKinds: readonly { kind: string; pattern: RegExp }[] = [
  { kind: 'GitHub', pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255})/g },
  { kind: 'AWS', pattern: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g },
  { kind: 'Google', pattern: /\b(?:AIza[A-Za-z0-9_-]{35}|ya29\.[A-Za-z0-9_-]{20,})/g },
  { kind: 'Slack', pattern: /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/g },
  { kind: 'OpenAI', pattern: /\bsk-[A-Za-z0-9_-]{20,}/g },
  { kind: 'Hugging Face', pattern: /\bhf_[A-Za-z0-9]{30,}/g },
  { kind: 'JWT', pattern: /\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g },
  {
    kind: 'private key',
    pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----[^"]*?(?:-----END [A-Z ]*PRIVATE KEY-----|(?="|$))/g,
  },
];

/** Any of these stands in every text that has a token of a known kind. */
const hint = /gh[pousr]_|github_pat_|AKIA|ASIA|AIza|ya29\.|xox[abeoprs]-|sk-|hf_|eyJ|-----BEGIN /;

/** Values of fewer characters are too common to replace. */
const shortest = 6;
const shortestLine = 16;

/** How many short texts are remembered as they look without secrets. */
const maximumQuoted = 1000;
const longestQuoted = 128;

/** Replaces secrets in texts: every value that it was told of, plain, URL-encoded, JSON-escaped or in base64, and tokens of common kinds. */
export class Redactor implements Redaction {
  readonly #forms = new Set<string>();
  #secrets: RegExp | undefined;
  readonly #quoted = new Map<string, string>();

  constructor(secrets: Iterable<string> = []) {
    for (const secret of secrets) this.#keep(secret);
    this.#compile();
  }

  /** Learns a further secret. */
  add(secret: string): void {
    const before = this.#forms.size;
    this.#keep(secret);
    if (this.#forms.size !== before) this.#compile();
  }

  readonly redact = (text: string): string => {
    const clean = this.#secrets ? text.replace(this.#secrets, '<redacted>') : text;
    if (!hint.test(clean)) return clean;
    return tokenKinds.reduce(
      (current, { kind, pattern }) => current.replace(pattern, `<redacted ${kind}>`),
      clean,
    );
  };

  /** The text without secrets, as JSON. Names come again with every call: short ones are remembered. */
  readonly quote = (text: string): string => {
    const known = this.#quoted.get(text);
    if (known !== undefined) return known;
    const quoted = JSON.stringify(this.redact(text));
    if (text.length > longestQuoted) return quoted;
    if (this.#quoted.size >= maximumQuoted) this.#quoted.clear();
    this.#quoted.set(text, quoted);
    return quoted;
  };

  #keep(secret: string): void {
    if (secret.length < shortest) return;
    for (const form of [
      secret,
      encodeURIComponent(Buffer.from(secret).toString()),
      JSON.stringify(secret).slice(1, -1),
    ])
      this.#forms.add(form);
    // A log has a secret of several lines in as many lines.
    for (const line of secret.split(/\r?\n/)) if (line.length >= shortestLine) this.#forms.add(line);
    for (const form of base64Forms(secret)) if (form.length >= shortest) this.#forms.add(form);
  }

  #compile(): void {
    this.#quoted.clear();
    // The longest first: a secret that begins with another one must not leave its rest.
    const forms = [...this.#forms].sort((a, b) => b.length - a.length);
    this.#secrets = forms.length > 0 ? new RegExp(forms.map(escapeExpression).join('|'), 'g') : undefined;
  }
}

/**
 * What base64 makes of the secret wherever it stands in a longer text: at each of the three offsets, without the
 * characters in which its neighbours have a part.
 */
function base64Forms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].flatMap((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const start = offset === 0 ? 0 : offset + 1;
    const end = (offset + bytes.length) % 3 === 0 ? text.length : text.length - 1;
    const own = text.slice(start, end);
    return [own, own.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

function escapeExpression(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
