import { splice, type Edit } from './envelope';
import {
  isObject,
  keySet,
  memberNamed,
  membersOf,
  repeatedKey,
  stringValue,
  type Member,
  type Span,
} from './json';
import { hopPrefix } from './modern-era';

/** Keys under `_meta` that belong to one hop only (2026-07-28). They are never relayed. */
const hopKeys = new Set(
  ['protocolVersion', 'clientInfo', 'clientCapabilities', 'logLevel'].map((key) => hopPrefix + key),
);

const routing = keySet('name', 'uri', 'ref', '_meta');
const ownedMeta = keySet('progressToken', 'traceparent', ...hopKeys);
const none: readonly Member[] = [];
const noEdits: readonly Edit[] = [];

/** The fields of a request's params that the gateway reads. Everything else stays as bytes. */
export class Params {
  readonly #members: readonly Member[];
  readonly #meta: readonly Member[];

  constructor(
    readonly bytes: Buffer,
    readonly span: Span | undefined,
  ) {
    this.#members = span ? membersOf(bytes, span.start) : none;
    const meta = memberNamed(this.#members, '_meta');
    this.#meta = isObject(bytes, meta) ? membersOf(bytes, meta.start) : none;
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

  /** The protocol version in the `_meta` of a 2026-07-28 request. `undefined` for a message of the legacy era. */
  get protocolVersion(): string | undefined {
    return this.metaText(`${hopPrefix}protocolVersion`);
  }

  /** The progress token as JSON, exactly as it was received. */
  get progressToken(): string | undefined {
    const token = this.meta('progressToken');
    return token && this.bytes.toString('utf8', token.start, token.end);
  }

  /** Whether a member that the gateway reads occurs twice, so that two readers could use different ones. */
  get ambiguous(): boolean {
    return (repeatedKey(this.#members, routing) ?? repeatedKey(this.#meta, ownedMeta)) !== undefined;
  }

  /**
   * The params for the next hop: string members and the progress token are replaced, `_meta` keys of this hop are removed,
   * and those of the next hop (`meta`, members as JSON) are added or replace keys of the same name. `undefined` when the
   * request needs no params.
   */
  forNextHop(
    progressToken: number,
    replaced: readonly Edit[] = [],
    meta: ReadonlyMap<string, string> = nothing,
  ): Buffer | undefined {
    if (!this.span) return meta.size === 0 ? undefined : Buffer.from(`{"_meta":${metaObject(meta)}}`);
    const edits = this.#metaEdits(progressToken, meta);
    return splice(this.bytes, this.span, edits.length === 0 ? replaced : [...replaced, ...edits]);
  }

  /** The params of a progress notification with another token (as JSON). */
  withProgressToken(token: string): Buffer | undefined {
    const at = this.member('progressToken');
    if (!this.span || !at) return undefined;
    return splice(this.bytes, this.span, [{ start: at.start, end: at.end, replacement: token }]);
  }

  /** The params with these members (as JSON) added, or replaced where the key exists. */
  withMembers(members: ReadonlyMap<string, Buffer | string>): Buffer {
    const kept = this.#members
      .filter(({ key }) => !members.has(key))
      .map((member) => this.bytes.subarray(member.keyStart, member.end));
    const added = [...members].map(([key, value]) =>
      Buffer.concat([Buffer.from(`${JSON.stringify(key)}:`), Buffer.from(value)]),
    );
    return jsonObject([...kept, ...added]);
  }

  #metaEdits(progressToken: number, added: ReadonlyMap<string, string>): readonly Edit[] {
    const meta = this.member('_meta');
    if (!meta || !isObject(this.bytes, meta)) return this.#newMeta(meta, added);
    const kept = this.#meta.filter(({ key }) => !hopKeys.has(key) && !added.has(key));
    const token = this.meta('progressToken');
    if (kept.length === this.#meta.length && added.size === 0) {
      return token ? [{ start: token.start, end: token.end, replacement: String(progressToken) }] : [];
    }
    const parts = kept.map((member) => {
      const key = this.bytes.toString('utf8', member.keyStart, member.start);
      return member === token
        ? `${key}${progressToken}`
        : this.bytes.toString('utf8', member.keyStart, member.end);
    });
    return [
      { start: meta.start, end: meta.end, replacement: `{${[...parts, ...membersAs(added)].join(',')}}` },
    ];
  }

  /** The edits for a `_meta` that is missing or is not an object. */
  #newMeta(present: Member | undefined, added: ReadonlyMap<string, string>): readonly Edit[] {
    if (added.size === 0 || !this.span) return noEdits;
    const meta = metaObject(added);
    if (present) return [{ start: present.start, end: present.end, replacement: meta }];
    const at = this.span.start + 1;
    return [{ start: at, end: at, replacement: `"_meta":${meta}${this.#members.length > 0 ? ',' : ''}` }];
  }
}

const nothing: ReadonlyMap<string, string> = new Map();

function membersAs(members: ReadonlyMap<string, string>): string[] {
  return [...members].map(([key, value]) => `${JSON.stringify(key)}:${value}`);
}

/** A `_meta` object from values that are already JSON. */
export function metaObject(members: ReadonlyMap<string, string>): string {
  return `{${membersAs(members).join(',')}}`;
}

/** The parts with commas between them. */
export function joined(parts: readonly Buffer[]): Buffer[] {
  return parts.flatMap((part, i) => (i === 0 ? [part] : [comma, part]));
}

/** An object from members that are already JSON. */
export function jsonObject(members: readonly Buffer[]): Buffer {
  return Buffer.concat([openBrace, ...joined(members), closeBrace]);
}

/** An array from values that are already JSON. */
export function jsonArray(values: readonly Buffer[]): Buffer {
  return Buffer.concat([Buffer.from('['), ...joined(values), Buffer.from(']')]);
}

const openBrace = Buffer.from('{');
const closeBrace = Buffer.from('}');
const comma = Buffer.from(',');
