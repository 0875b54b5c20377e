import type { ClientEntry } from '../../clients/compare';
import type { LiteralSecret } from '../../servers/literal-secrets';
import type { ServersDocument } from '../../servers/api-types';
import type { PublishedPort } from '../engine/runtime';
import type { GatewayState, Trouble } from '../watch/state';

/** What asking the gateway with one token showed. `untested`: nothing answered there. */
export type TokenTrial = 'accepted' | 'refused' | 'untested';

/** A place where the client token may be. The token itself is never a fact. */
export type TokenFact =
  | { found: 'no' }
  | { found: 'yes'; trial: TokenTrial }
  /** It is there, and holds no token or cannot be read. */
  | { found: 'unusable'; trouble: Trouble };

interface TokenFileFacts {
  file: string;
  token: TokenFact;
  /** Permission bits; `undefined` where the file is missing or the system has none. */
  mode: number | undefined;
  /** Whether git leaves the file out; `unknown` without git or outside a repository. */
  ignored: 'yes' | 'no' | 'unknown';
}

/** One servers file as it stands on this disk. */
export interface ServersFileFacts {
  file: string;
  personal: boolean;
  exists: boolean;
  trouble: Trouble | undefined;
  secrets: readonly (Pick<LiteralSecret, 'place'> & { server: string })[];
  /** Variables that have no default, each with the servers that name it. */
  variables: ReadonlyMap<string, readonly string[]>;
}

/** How the workspace's Compose dev container is wired, as its files say. */
export interface WiringFacts {
  /** The devcontainer.json. */
  config: string;
  wired: boolean;
  composeFiles: readonly { file: string; exists: boolean; ours: boolean }[];
  /** `undefined`: the key is absent. */
  runServices: readonly string[] | undefined;
  project: string;
}

/** What the engine knows of the sidecar. */
export interface SidecarFacts {
  name: string;
  ports: readonly PublishedPort[];
  networks: readonly string[];
  /** The Compose files it was made from; empty where the engine does not tell. */
  madeFrom: readonly string[];
  /** Whether one of these is this workspace's. */
  own: boolean;
  /** Networks of the dev container; empty where it does not run, or has none of its own. */
  appNetworks: readonly string[];
}

/** What was asked of the engine: its answer, nothing to ask for, or why it could not be asked. */
export type EngineFacts =
  | { asked: 'yes'; sidecar: SidecarFacts | undefined }
  | { asked: 'no' }
  | { asked: 'failed'; trouble: Trouble };

/** What the project's own files do that the gateway is there to avoid, each with its file. No value of a secret is in it. */
export interface ProjectFacts {
  binds: readonly string[];
  direct: readonly string[];
  access: readonly string[];
  /** `undefined` where there is no Git. */
  secrets: readonly string[] | undefined;
}

/** Everything the rules look at, gathered once. */
export interface Facts {
  node: string;
  /** Whether this runs inside a dev container that has a gateway. */
  inside: boolean;
  workspace: string;
  gateway: { state: GatewayState } | { trouble: Trouble };
  /** `undefined` when the gateway did not tell. */
  document: ServersDocument | undefined;
  tokens: { variable: TokenFact; published: TokenFact; file: TokenFileFacts };
  servers: readonly ServersFileFacts[];
  /** `undefined` where the workspace has no Compose dev container. */
  wiring: WiringFacts | { trouble: Trouble } | undefined;
  /** The journal of a wiring that was begun and not ended. */
  journal: string | undefined;
  engine: EngineFacts;
  clients: readonly ClientEntry[];
  /** `chat.mcp.workspaceRootConfig.enabled` in the workspace's settings. */
  vscodeReadsRootFile: boolean | undefined;
  /** Whether `.vscode/mcp.json` names the gateway too. */
  vscodeFileNamesGateway: boolean;
  project: ProjectFacts;
}
