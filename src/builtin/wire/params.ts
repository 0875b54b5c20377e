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
   * dropped, and `_meta.traceparent` set where one is given. `undefined` when there were no params and none are needed.
   */
  forNextHop(
    progressToken: number,
    replaced: readonly Edit[] = [],
    traceparent?: string,
  ): Buffer | undefined {
    if (!this.span)
      return traceparent === undefined ? undefined : Buffer.from(`{"_meta":${traceMeta(traceparent)}}`);
    const edits =
      traceparent === undefined ? this.#metaEdits(progressToken) : this.#traced(progressToken, traceparent);
    return splice(this.bytes, this.span, [...replaced, ...edits]);
  }

  /** The edits of `_meta` with the trace of the next hop in it; a `_meta` that is no object stays as it is. */
  #traced(progressToken: number, traceparent: string): Edit[] {
    const meta = this.member('_meta');
    if (meta && !isObject(this.bytes, meta)) return [];
    if (!meta) {
      const at = (this.span?.start ?? 0) + 1;
      const comma = this.#members.length > 0 ? ',' : '';
      return [{ start: at, end: at, replacement: `"_meta":${traceMeta(traceparent)}${comma}` }];
    }
    const kept = this.#meta.filter(({ key }) => !hopKeys.has(key) && key !== 'traceparent');
    const parts = [...kept.map((member) => this.#metaText(member, progressToken)), traceMember(traceparent)];
    return [{ start: meta.start, end: meta.end, replacement: `{${parts.join(',')}}` }];
  }

  #metaText(member: Member, progressToken: number): string {
    if (member !== this.meta('progressToken'))
      return this.bytes.toString('utf8', member.keyStart, member.end);
    return `${this.bytes.toString('utf8', member.keyStart, member.start)}${progressToken}`;
  }

  #metaEdits(progressToken: number): Edit[] {
    const meta = this.member('_meta');
    if (!meta || this.#meta.length === 0) return [];
    const kept = this.#meta.filter((member) => !hopKeys.has(member.key));
    const token = this.meta('progressToken');
    if (kept.length === this.#meta.length) {
      return token ? [{ start: token.start, end: token.end, replacement: String(progressToken) }] : [];
    }
    const parts = kept.map((member) => this.#metaText(member, progressToken));
    return [{ start: meta.start, end: meta.end, replacement: `{${parts.join(',')}}` }];
  }
}

function traceMember(traceparent: string): string {
  return `"traceparent":${JSON.stringify(traceparent)}`;
}

function traceMeta(traceparent: string): string {
  return `{${traceMember(traceparent)}}`;
}
