import { splice, type Edit } from './envelope';
import { isObject, memberNamed, membersOf, stringValue, type Member, type Span } from './json';

/** Keys under `_meta` that belong to one hop only (2026-07-28): they are never relayed. */
const hopPrefix = 'io.modelcontextprotocol/';
const hopKeys = new Set(
  ['protocolVersion', 'clientInfo', 'clientCapabilities', 'logLevel'].map((key) => hopPrefix + key),
);

/** The routing fields of a request's params; everything else stays bytes. */
export class Params {
  readonly #members: readonly Member[];
  readonly #meta: readonly Member[];

  constructor(
    readonly bytes: Buffer,
    readonly span: Span | undefined,
  ) {
    this.#members = span ? membersOf(bytes, span.start) : [];
    const meta = memberNamed(this.#members, '_meta');
    this.#meta = isObject(bytes, meta) ? membersOf(bytes, meta.start) : [];
  }

  member(key: string): Member | undefined {
    return memberNamed(this.#members, key);
  }

  text(key: string): string | undefined {
    return stringValue(this.bytes, this.member(key));
  }

  /** A member of `_meta`. */
  meta(key: string): Member | undefined {
    return memberNamed(this.#meta, key);
  }

  metaText(key: string): string | undefined {
    return stringValue(this.bytes, this.meta(key));
  }

  /** The protocol revision that a 2026-07-28 envelope names; `undefined` for a message of the legacy era. */
  get protocolVersion(): string | undefined {
    return this.metaText(`${hopPrefix}protocolVersion`);
  }

  /** The bytes of the progress token as they came. */
  get progressToken(): string | undefined {
    const token = this.meta('progressToken');
    return token && this.bytes.toString('utf8', token.start, token.end);
  }

  /** Whether a member that decides the route stands twice, so that two readers could take different ones. */
  get ambiguous(): boolean {
    return ['name', 'uri', 'ref', '_meta'].some(
      (key) => this.#members.filter((member) => member.key === key).length > 1,
    );
  }

  /**
   * The params for the next hop: string members replaced, the progress token exchanged, `_meta` keys of this hop
   * dropped. `undefined` when there were no params.
   */
  forNextHop(progressToken: number, replaced: readonly Edit[] = []): Buffer | undefined {
    if (!this.span) return undefined;
    return splice(this.bytes, this.span, [...replaced, ...this.#metaEdits(progressToken)]);
  }

  #metaEdits(progressToken: number): Edit[] {
    const meta = this.member('_meta');
    if (!meta || this.#meta.length === 0) return [];
    const kept = this.#meta.filter((member) => !hopKeys.has(member.key));
    const token = this.meta('progressToken');
    if (kept.length === this.#meta.length) {
      return token ? [{ start: token.start, end: token.end, replacement: String(progressToken) }] : [];
    }
    const parts = kept.map((member) => {
      const key = this.bytes.toString('utf8', member.keyStart, member.start);
      return member === token
        ? `${key}${progressToken}`
        : this.bytes.toString('utf8', member.keyStart, member.end);
    });
    return [{ start: meta.start, end: meta.end, replacement: `{${parts.join(',')}}` }];
  }
}
