import { withoutFindings } from './redaction/findings';
import { labelledSecrets } from './redaction/labelled';
import { overlap, SecretFinder } from './redaction/secret-finder';
import { knownTokens } from './redaction/token-kinds';

/** Removes secrets from texts. */
export interface Redaction {
  /** The text without secrets. With `length`, only so many characters of it are read, and the rest is left out. */
  readonly redact: (text: string, length?: number) => string;
  /** The text without secrets, as JSON. */
  readonly quote: (text: string) => string;
}

/** The number of short texts whose redacted form is cached. */
const maximumQuoted = 1000;
const longestQuoted = 128;

/**
 * Replaces secrets in the texts that the gateway writes about its work: logs, the audit, traces and the call list of
 * `/api`.
 *
 * It replaces two kinds of secrets. The first are values that it was given with {@link add}: the gateway's tokens, the
 * stored secrets, passed variables and literal secrets in definitions. {@link SecretFinder} says in which forms they are
 * found. The second are tokens that are recognized by their format, such as GitHub tokens. A value of fewer than 6
 * characters is not replaced, because it could occur anywhere.
 *
 * The time is linear in the length of the text and does not depend on the secrets. A caller that needs only the beginning
 * of a text says so with `length`, and does not cut the text before: half a secret is not always recognized. Only values
 * that are in use are added. Results of tools are not redacted, because MCP results are relayed byte for byte. The
 * specification requires that logs contain no credentials, see
 * https://modelcontextprotocol.io/specification/2025-11-25/server/utilities/logging (Security).
 */
export class Redactor implements Redaction {
  readonly #finder = new SecretFinder();
  readonly #quoted = new Map<string, string>();

  constructor(secrets: Iterable<string> = []) {
    for (const secret of secrets) this.#finder.add(secret);
  }

  /** Adds a secret that is replaced from now on. */
  add(secret: string): void {
    if (this.#finder.add(secret)) this.#quoted.clear();
  }

  readonly redact = (text: string, length = text.length): string => {
    const read = length + overlap < text.length ? text.slice(0, length + overlap) : text;
    return withoutFindings(read, [...this.#finder.find(read), ...knownTokens(read)], length);
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
}

/**
 * Redacts text that another program printed, for a log or a message that a person sees: the given secrets, tokens of known
 * kinds, and what is labelled as a secret, such as `Bearer …`, `PASSWORD=…` and `://user:password@`.
 */
export function textRedaction(secrets: readonly (string | undefined)[] = []): (text: string) => string {
  const finder = new SecretFinder();
  for (const secret of secrets) if (secret !== undefined) finder.add(secret);
  return (text) =>
    withoutFindings(text, [...finder.find(text), ...knownTokens(text), ...labelledSecrets(text)]);
}
