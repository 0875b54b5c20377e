/** The bytes and permission bits of a file. A mode of `undefined` keeps what is there, or takes the default. */
export interface FileState {
  bytes: Buffer;
  mode: number | undefined;
}

/** One file before and after; `undefined` stands for no file. */
export interface FileEdit {
  /** Absolute. */
  path: string;
  before: FileState | undefined;
  after: FileState | undefined;
  /** The sidecar's own files are written, and the sidecar is tried, before any file of the user is touched. */
  stage: 'sidecar' | 'wiring';
  /** Holds a secret: its values are never shown. */
  secret: boolean;
}

/** Files by absolute path, as they are now; a missing file is not in the map. */
export type Files = ReadonlyMap<string, FileState>;
