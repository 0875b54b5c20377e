/** Removes secrets from texts. */
export interface Redaction {
  readonly redact: (text: string) => string;
  /** The text without secrets, as JSON. */
  readonly quote: (text: string) => string;
}

/** Common kinds of tokens that can be recognized by their format. */
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

/** Every text with a token of these kinds matches this. It is a cheap test before the patterns are tried. */
const hint = /gh[pousr]_|github_pat_|AKIA|ASIA|AIza|ya29\.|xox[abeoprs]-|sk-|hf_|eyJ|-----BEGIN /;

/** Takes the place of a secret. */
const mask = '<redacted>';

/** Texts that name the secret beside them. */
const labelled: readonly { pattern: RegExp; shown: string }[] = [
  { pattern: /\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi, shown: `$1 ${mask}` },
  {
    pattern: /\b([A-Za-z0-9_]*(?:TOKEN|SECRET|PASSWORD|PASSWD|API_?KEY)["']?\s*[=:]\s*["']?)[^\s"',;]{4,}/gi,
    shown: `$1${mask}`,
  },
  { pattern: /(:\/\/[^\s/:@]+:)[^\s/@]+@/g, shown: `$1${mask}@` },
];

/** Values of fewer characters are too common to replace. */
const shortest = 6;
const shortestLine = 16;

/** The number of short texts whose redacted form is cached. */
const maximumQuoted = 1000;
const longestQuoted = 128;

/**
 * Replaces secrets in the texts that the gateway writes about its work: logs, the audit, traces and the call list of
 * `/api`.
 *
 * It replaces two kinds of secrets. The first are values that it was given with {@link add}: the gateway's tokens, the
 * stored secrets, passed variables and literal secrets in definitions. Each is found in plain form, URL-encoded,
 * JSON-escaped, in base64 at any offset, and line by line. The second are tokens that are recognized by their format, such
 * as GitHub tokens. A value of fewer than 6 characters is not replaced, because it could occur anywhere.
 *
 * Callers must redact a text before they shorten it: half a secret is not recognized. Results of tools are not redacted,
 * because MCP results are relayed byte for byte. The specification requires that logs contain no credentials, see
 * https://modelcontextprotocol.io/specification/2025-11-25/server/utilities/logging (Security).
 */
export class Redactor implements Redaction {
  readonly #forms = new Set<string>();
  #secrets: RegExp | undefined;
  readonly #quoted = new Map<string, string>();

  constructor(secrets: Iterable<string> = []) {
    for (const secret of secrets) this.#keep(secret);
    this.#compile();
  }

  /** Adds a secret that is replaced from now on. */
  add(secret: string): void {
    const before = this.#forms.size;
    this.#keep(secret);
    if (this.#forms.size !== before) this.#compile();
  }

  readonly redact = (text: string): string => {
    const clean = this.#secrets ? text.replace(this.#secrets, mask) : text;
    if (!hint.test(clean)) return clean;
    return tokenKinds.reduce(
      (current, { kind, pattern }) => current.replace(pattern, `<redacted ${kind}>`),
      clean,
    );
  };

  /** The text without secrets, as JSON. The same names occur in every call, so short results are cached. */
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
    // A log shows a secret of several lines line by line.
    for (const line of secret.split(/\r?\n/)) if (line.length >= shortestLine) this.#forms.add(line);
    for (const form of base64Forms(secret)) if (form.length >= shortest) this.#forms.add(form);
  }

  #compile(): void {
    this.#quoted.clear();
    // The longest first: when one secret starts with another, the rest of it must be replaced too.
    const forms = [...this.#forms].sort((a, b) => b.length - a.length);
    this.#secrets = forms.length > 0 ? new RegExp(forms.map(escapeExpression).join('|'), 'g') : undefined;
  }
}

/**
 * Redacts text that another program printed, for a log or a message that a person sees: the given secrets, tokens of known
 * kinds, and what is labelled as a secret, such as `Bearer …`, `PASSWORD=…` and `://user:password@`.
 */
export function textRedaction(secrets: readonly (string | undefined)[] = []): (text: string) => string {
  const { redact } = new Redactor(secrets.filter((secret) => secret !== undefined));
  return (text) =>
    redact(labelled.reduce((current, { pattern, shown }) => current.replace(pattern, shown), text));
}

/**
 * The base64 forms of a secret inside a longer text: one for each of the three offsets, without the characters that also
 * depend on the neighbouring bytes.
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
