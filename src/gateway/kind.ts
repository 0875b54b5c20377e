import { AppError } from '../platform/errors';
import type { GatewayKind } from '../servers/gateway-settings';
import type {
  GatewayReport,
  LooserSettings,
  SecretsDocument,
  ServerReport,
  ServersDocument,
} from '../servers/api-types';
import type { AcceptedValues } from '../servers/guards';
import type { SidecarPart } from '../devcontainer/sidecar-part';
import type { GatewayAddress } from './address';
import type { Driver } from './driver';
import type { StatusPage } from './resolve/probe';
import type { GatewayTarget } from './resolve/target';
import type { Finding } from './watch/state';

/**
 * A gateway kind, as the rest of the program sees it. `src/kinds/` has one folder for each kind, and its registry alone
 * knows them all. Whoever needs something that not every kind can do asks for the part (`kind.admin`), and never compares
 * ids. A part takes the address of one running gateway; an admin part takes an address that carries the admin token.
 *
 * Every call may throw an `AppError`: `unreachable`, `unauthorized`, `refused`, `not-found`, `conflict`, `invalid-value`,
 * `timeout` or `protocol`, with a next step.
 */
export interface Kind {
  readonly id: GatewayKind;
  readonly label: string;
  /** Whether this version can use it. */
  readonly available: boolean;
  /** How far it is, in a few words. */
  readonly maturity: string;
  /** What a person should know of it before choosing it. */
  readonly limits: string;
  /** Whether this answer to a request for the status page is one of this kind. */
  detect(page: StatusPage): boolean;
  /** How the gateway is. Never throws: what goes wrong is the finding. */
  health(address: GatewayAddress, signal: AbortSignal): Promise<Finding>;
  openDriver(target: GatewayTarget, token: string | undefined): Promise<Driver>;
  /** What puts it beside a dev container; absent where this version cannot. */
  readonly sidecar?: SidecarMaker;
  readonly servers?: (address: GatewayAddress) => ServersPart;
  readonly events?: (address: GatewayAddress) => EventsPart;
  readonly logs?: (address: GatewayAddress) => LogsPart;
  readonly lifecycle?: (address: GatewayAddress) => LifecyclePart;
  readonly lists?: (address: GatewayAddress) => ListsPart;
  readonly admin?: (address: GatewayAddress) => AdminPart;
}

/** All kinds, for code that gets them handed in. */
export type Kinds = Readonly<Record<GatewayKind, Kind>>;

/** Makes the files of a sidecar. `program` is the gateway's program where the kind has one of its own. */
type SidecarMaker = (program: Buffer) => SidecarPart;

/** The servers behind the gateway, with their states. */
export interface ServersPart {
  servers(signal?: AbortSignal): Promise<ServersDocument>;
}

/** What a gateway reports without being asked. */
export type GatewayNews =
  | { type: 'servers'; document: ServersDocument }
  | { type: 'server'; server: ServerReport }
  | { type: 'gateway'; gateway: GatewayReport };

export interface EventsPart {
  /** The present servers, then each change, until the signal aborts or the gateway ends. */
  events(signal: AbortSignal): AsyncIterable<GatewayNews>;
}

/** Logs of servers; the gateway's own is named `gateway`. */
export interface LogsPart {
  log(server: string, tail: number, signal?: AbortSignal): Promise<string[]>;
  followLog(server: string, tail: number, signal: AbortSignal): AsyncIterable<string>;
}

export interface LifecyclePart {
  /** Makes the gateway's program end. Whatever supervises it starts it again. */
  restart(signal?: AbortSignal): Promise<void>;
  /** Restarts one server and waits until it is up, or has failed. */
  restartServer(name: string, signal: AbortSignal): Promise<ServerReport>;
}

/** The raw lists behind the gateway, with the server of each entry. */
export interface ListsPart {
  list(name: ListName): Promise<unknown>;
  /** Yields the name of the server whose lists changed, until the signal aborts or the gateway ends. */
  changes(signal: AbortSignal): AsyncIterable<string>;
}
export type ListName = 'tools' | 'resources' | 'resource-templates' | 'prompts';

/** What takes the admin token. */
export interface AdminPart {
  /** Enables or disables a server, or one of its tools. */
  switch(
    what: { server: string; tool?: string | undefined },
    enabled: boolean,
    signal?: AbortSignal,
  ): Promise<ServerReport>;
  /** Forgets all switches: servers and tools follow their definitions again. */
  resetSwitches(signal?: AbortSignal): Promise<ServersDocument>;
  /** The settings of the servers file that guard less than is accepted. */
  looserSettings(signal?: AbortSignal): Promise<LooserSettings>;
  /** Accepts looser values, by their setting. Resolves with what is left. */
  acceptSettings(accepted: AcceptedValues, signal?: AbortSignal): Promise<LooserSettings>;
  /** The names of the secrets, and of those that servers need and that have no value. */
  secrets(signal?: AbortSignal): Promise<SecretsDocument>;
  /** Sets a secret. The servers that refer to it start again. */
  setSecret(name: string, value: string, signal?: AbortSignal): Promise<void>;
  /** Removes a secret. The servers that refer to it start again. */
  removeSecret(name: string, signal?: AbortSignal): Promise<void>;
}

type PartName = 'sidecar' | 'servers' | 'events' | 'logs' | 'lifecycle' | 'lists' | 'admin';

const partNames: Readonly<Record<PartName, string>> = {
  sidecar: 'be put beside a dev container',
  servers: 'list its servers',
  events: 'report changes',
  logs: 'show the logs of servers',
  lifecycle: 'restart a server',
  lists: 'list tools with their servers',
  admin: 'be changed from here',
};

/** The part of a kind. Throws `refused` where the kind, in this version, has none. */
export function partOf<Name extends PartName>(kind: Kind, name: Name): NonNullable<Kind[Name]> {
  const part = kind[name];
  if (part) return part;
  throw new AppError(
    'refused',
    `The gateway kind "${kind.id}" (${kind.label}) cannot ${partNames[name]} in this version.`,
    {
      next: "Use the gateway's own tools for that, or the built-in gateway.",
    },
  );
}
