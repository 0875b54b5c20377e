import { stat } from 'node:fs/promises';
import { Emitter } from '../../platform/disposable';
import { AppError, messageOf } from '../../platform/errors';
import { readTextIfExists, writeFileAtomic } from '../../platform/files';
import { sentence } from '../../platform/sentence';
import { nextFields } from '../../servers/api-types';
import type { StateProblems } from '../state/state-problems';
import { stored } from '../state/storage-error';
import type { Profile } from './profile';
import {
  formatTokens,
  hashOf,
  newToken,
  parseTokens,
  profileOf,
  type TokenEntry,
  type TokenRules,
} from './token-file';

/** A token that was removed from the file stops working within this time. */
const pollMs = 1000;

interface StoredToken {
  entry: TokenEntry;
  profile: Profile;
  expires: number;
}

export interface TokenStoreHost {
  /** Receives each token when it is used for the first time, so that it is kept out of logs. */
  seen(token: string): void;
  note(problem: string): void;
  problems: StateProblems;
}

/** The named tokens of `tokens.json`. The file is watched. When it cannot be read, the last good tokens stay in use. */
export class TokenStore {
  #tokens: ReadonlyMap<string, StoredToken> = new Map();
  readonly #seen = new Set<string>();
  readonly #ended = new Emitter<string>();
  /** Fires with the name of a token that was revoked or replaced, got other rules, or has expired. */
  readonly onEnded = this.#ended.event;
  #fingerprint = '';
  #problem: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Changes run one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    readonly file: string,
    readonly host: TokenStoreHost,
  ) {}

  get entries(): readonly TokenEntry[] {
    return [...this.#tokens.values()].map(({ entry }) => entry);
  }

  /** Reads the file for the first time and watches it from then on. */
  async open(): Promise<void> {
    await this.#refresh();
    this.#timer = setInterval(() => void this.#inTurn(async () => await this.#refresh()), pollMs).unref();
  }

  dispose(): void {
    clearInterval(this.#timer);
    this.#ended.dispose();
  }

  profileOf(token: string): Profile | undefined {
    if (this.#tokens.size === 0) return undefined;
    const hash = hashOf(token);
    const known = this.#tokens.get(hash);
    if (!known || known.expires <= Date.now()) return undefined;
    if (!this.#seen.has(hash)) {
      this.#seen.add(hash);
      this.host.seen(token);
    }
    return known.profile;
  }

  /** Creates a token. It can be shown only now. Throws `conflict` when the name is in use. */
  async create(rules: TokenRules): Promise<{ token: string; entry: TokenEntry }> {
    const created = newToken(rules);
    await this.#change((entries) => {
      if (entries.some(({ name }) => name === rules.name))
        throw new AppError('conflict', `There is already a token "${rules.name}".`, {
          next: 'Choose another name, or revoke that token first.',
        });
      return [...entries, created.entry];
    });
    return created;
  }

  /** Revokes a token. Throws `not-found` when there is no token with that name. */
  async revoke(name: string): Promise<void> {
    await this.#change((entries) => {
      const left = entries.filter((entry) => entry.name !== name);
      if (left.length < entries.length) return left;
      throw new AppError('not-found', `There is no token "${name}".`, { next: 'List them: GET /api/tokens' });
    });
  }

  async #change(edit: (entries: readonly TokenEntry[]) => readonly TokenEntry[]): Promise<void> {
    await this.#inTurn(async () => {
      await this.#refresh();
      if (this.#problem !== undefined)
        throw new AppError('conflict', this.#problem, { next: `Correct or remove ${this.file}.` });
      const text = formatTokens(edit(this.entries));
      await stored(this.file, writeFileAtomic(this.file, text, { mode: 0o600 }));
      await this.#refresh();
    });
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    await done;
  }

  /** Applies changes of the file, and ends expired tokens. */
  async #refresh(): Promise<void> {
    const fingerprint = await fingerprintOf(this.file);
    if (fingerprint !== this.#fingerprint) {
      this.#fingerprint = fingerprint;
      await this.#read();
    }
    const now = Date.now();
    for (const [hash, { entry, expires }] of this.#tokens) {
      if (expires > now || !this.#seen.delete(hash)) continue;
      this.#ended.fire(entry.name);
    }
  }

  async #read(): Promise<void> {
    try {
      const text = await readTextIfExists(this.file);
      const entries = text === undefined ? [] : parseTokens(text);
      this.#problem = undefined;
      this.host.problems.clear(this.file);
      const before = this.#tokens;
      this.#tokens = new Map(entries.map((entry) => [entry.hash, storedToken(entry)]));
      for (const [hash, { entry, profile }] of before)
        if (this.#tokens.get(hash)?.profile.key !== profile.key) this.#ended.fire(entry.name);
    } catch (error) {
      this.#problem = sentence(`The tokens in ${this.file} could not be read: ${messageOf(error)}`);
      this.host.problems.set(this.file, {
        message: `${this.#problem} The tokens that were read before stay valid, and no other one is accepted.`,
        ...nextFields('Correct or remove the file.'),
      });
    }
  }
}

function storedToken(entry: TokenEntry): StoredToken {
  const expires = entry.expires === undefined ? Infinity : Date.parse(entry.expires);
  return { entry, profile: profileOf(entry), expires };
}

async function fingerprintOf(file: string): Promise<string> {
  const info = await stat(file).catch(() => undefined);
  return info ? `${info.ino}:${info.size}:${info.mtimeMs}` : 'none';
}
