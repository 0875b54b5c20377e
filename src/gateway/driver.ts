import * as v from 'valibot';
import type { Disposable } from '../platform/disposable';
import type { GatewayKind } from '../servers/gateway-settings';

export const ServerName = v.pipe(v.string(), v.brand('ServerName'));
export type ServerName = v.InferOutput<typeof ServerName>;

/** A tool's name at the gateway: `server__tool` at the built-in one. */
export const ToolName = v.pipe(v.string(), v.brand('ToolName'));
export type ToolName = v.InferOutput<typeof ToolName>;

export const PromptName = v.pipe(v.string(), v.brand('PromptName'));
export type PromptName = v.InferOutput<typeof PromptName>;

/** The text of one JSON object, relayed as it was typed. */
export const JsonObjectText = v.pipe(v.string(), v.brand('JsonObjectText'));
export type JsonObjectText = v.InferOutput<typeof JsonObjectText>;

/** A connection with a gateway. Only the driver that made it knows what is in it. */
export interface Session {
  /** The kind of the driver that made it. */
  readonly kind: GatewayKind;
  /** What the gateway calls itself, where the driver knows it. */
  readonly gateway?: { name: string; version: string } | undefined;
}

export interface ServerInfo {
  name: ServerName;
  state: string;
  /** Why it does not work, and the next step. */
  error: { message: string; next?: string | undefined } | null;
}

/** `definition` is the entry as the gateway sent it. */
interface Entry {
  server: ServerName;
  title: string | undefined;
  description: string | undefined;
  definition: Readonly<Record<string, unknown>>;
}

export interface ToolInfo extends Entry {
  name: ToolName;
  /** The name at its server. */
  tool: string;
}

export interface ResourceInfo extends Entry {
  uri: string;
  name: string | undefined;
  mimeType: string | undefined;
}

export interface PromptInfo extends Entry {
  name: PromptName;
}

export interface ToolResult {
  content: readonly Readonly<Record<string, unknown>>[];
  structuredContent: unknown;
  isError: boolean;
}

/** What a call yields, in order; `result` is the last. `raw` is the result's JSON as the gateway sent it. */
export type Chunk =
  | { type: 'progress'; progress: number; total: number | undefined; message: string | undefined }
  | { type: 'log'; level: string; logger: string | undefined; data: unknown }
  | { type: 'content'; content: Readonly<Record<string, unknown>> }
  | { type: 'result'; result: ToolResult; raw: string };

export interface PromptResult {
  description: string | undefined;
  messages: readonly { role: string; content: unknown }[];
  raw: string;
}

export interface RequestOptions {
  signal?: AbortSignal;
  /** How long silence may last, in milliseconds. Progress starts it anew. */
  timeoutMs?: number;
}

export type Change = 'servers' | 'catalogue';

/**
 * The seam to one kind of gateway. Drivers are thin: session lifetime, retries and caches live in the core. Failures are
 * `AppError`s: `unreachable`, `unauthorized`, `refused`, `timeout`, `cancelled`, `protocol`, `not-found`.
 */
export interface Driver {
  readonly kind: GatewayKind;
  connect(options?: RequestOptions): Promise<Session>;
  listServers(session: Session): Promise<readonly ServerInfo[]>;
  listTools(session: Session): Promise<readonly ToolInfo[]>;
  listResources(session: Session): Promise<readonly ResourceInfo[]>;
  listPrompts(session: Session): Promise<readonly PromptInfo[]>;
  /** Leaving the iteration early cancels the call. */
  callTool(
    session: Session,
    tool: ToolName,
    args: JsonObjectText,
    options?: RequestOptions,
  ): AsyncIterable<Chunk>;
  /** The bytes of a resource; several contents follow one another. `onRaw` gets the result's JSON as it was sent. */
  openResource(
    session: Session,
    uri: string,
    options?: RequestOptions & { onRaw?: (raw: string) => void },
  ): Promise<Uint8Array>;
  getPrompt(
    session: Session,
    name: PromptName,
    args: Readonly<Record<string, string>>,
    options?: RequestOptions,
  ): Promise<PromptResult>;
  dispose(session: Session): Promise<void>;
  setEnabled?(session: Session, server: ServerName, enabled: boolean): Promise<void>;
  addServer?(session: Session, name: ServerName, definition: unknown): Promise<void>;
  removeServer?(session: Session, name: ServerName): Promise<void>;
  /** Calls back on each change until disposed. */
  onChanged?(session: Session, listener: (change: Change) => void): Disposable;
}
