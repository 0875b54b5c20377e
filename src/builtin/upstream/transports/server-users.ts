import { chownSync, lstatSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { AppError } from '../../../platform/errors';
import type { ServerDefinition } from '../../../servers/schema';
import { usesSecrets } from '../../../servers/uses-secrets';

/** A user of the operating system, by its numbers. */
export interface UserIds {
  uid: number;
  gid: number;
}

/** The user that a server runs as. */
export interface ServerUser extends UserIds {
  /** The folder that belongs to the user: its home, its caches, and `MCP_GATEWAY_STATE` for its servers. */
  readonly home: string;
  /** The variables that point into this folder. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether no other server has this user. */
  readonly single: boolean;
}

/** The users of single servers. They are below 65536, the number of users that a rootless engine usually has. */
const firstUser = 61_000;
const lastUser = 61_999;

/** The users of the folders in the gateway's state: one for the workspace, and one for each server with secrets. */
export const homeFolder = 'home';
export const homesFolder = 'homes';

export interface ServerUsersOptions {
  /** The state of the gateway. It belongs to the gateway's user, and other users can enter it but not list it. */
  state: string;
  /** The owner of the workspace. */
  workspace: UserIds;
  /** Servers with secrets that nevertheless run as the owner of the workspace. */
  inWorkspace: ReadonlySet<string>;
}

/**
 * Which user a server runs as, when the gateway has another one. Servers without secrets run as the owner of the workspace.
 * A server with secrets has a user for itself, so that no other server can read its memory, its environment or its files.
 * The owner of its home is the record of its user, so a server keeps its user and its caches over a restart.
 */
export class ServerUsers {
  readonly workspace: ServerUser;
  readonly #single = new Map<string, ServerUser>();
  readonly #homes: string;

  constructor(readonly options: ServerUsersOptions) {
    const { state, workspace } = options;
    this.#homes = path.join(state, homesFolder);
    const home = path.join(state, homeFolder);
    this.workspace = { ...workspace, home, env: { HOME: home }, single: false };
  }

  /** The user of a server. Throws when there is none left, or its home cannot be made. */
  of(name: string, definition: ServerDefinition): ServerUser {
    if (!usesSecrets(definition) || this.options.inWorkspace.has(name)) return this.workspace;
    const known = this.#single.get(name);
    if (known) return known;
    const user = this.#make(name);
    this.#single.set(name, user);
    return user;
  }

  #make(name: string): ServerUser {
    const home = path.join(this.#homes, name);
    const { gid } = this.options.workspace;
    mkdirSync(this.#homes, { recursive: true, mode: 0o711 });
    const uid = this.#userOf(home) ?? this.#free();
    mkdirSync(home, { recursive: true, mode: 0o700 });
    chownSync(home, uid, gid);
    const temporary = mkdtempSync(path.join(os.tmpdir(), 'mcp-'));
    chownSync(temporary, uid, gid);
    const env = {
      HOME: home,
      TMPDIR: temporary,
      NPM_CONFIG_CACHE: path.join(home, '.npm'),
      UV_CACHE_DIR: path.join(home, '.cache/uv'),
    };
    return { uid, gid, home, env, single: true };
  }

  #free(): number {
    const homes = readdirSync(this.#homes).map((name) => path.join(this.#homes, name));
    const taken = new Set([this.options.workspace.uid, ...homes.map((home) => this.#userOf(home))]);
    for (let uid = firstUser; uid <= lastUser; uid += 1) if (!taken.has(uid)) return uid;
    throw new AppError('conflict', `All ${taken.size} users for servers with secrets are taken.`, {
      next: `Remove the folders of servers that no longer exist from ${this.#homes}.`,
    });
  }

  /** The owner of a home. `undefined` when there is none, or when it belongs to no single server. */
  #userOf(home: string): number | undefined {
    const found = lstatSync(home, { throwIfNoEntry: false });
    if (found?.isDirectory() !== true || found.uid === this.options.workspace.uid) return undefined;
    return found.uid >= firstUser && found.uid <= lastUser ? found.uid : undefined;
  }
}
