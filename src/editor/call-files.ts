import * as vscode from 'vscode';
import { scheme } from './contributions';

interface CallFile {
  bytes: Uint8Array;
  /** Milliseconds since the epoch. */
  changedAt: number;
}

/**
 * The documents of tool calls, as files in memory: they are saved without a question, and gone with the window. A file that
 * is not known, as after a reload of the window, is the empty call of its tool.
 * @see https://code.visualstudio.com/api/references/vscode-api#FileSystemProvider
 */
export class CallFiles implements vscode.FileSystemProvider, vscode.Disposable {
  readonly #files = new Map<string, CallFile>();
  readonly #changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changed.event;

  /** Whether a person has already written this call. */
  has(uri: vscode.Uri): boolean {
    return this.#files.has(uri.path);
  }

  stat(uri: vscode.Uri): vscode.FileStat {
    const { bytes, changedAt } = this.#file(uri);
    return { type: vscode.FileType.File, ctime: 0, mtime: changedAt, size: bytes.length };
  }

  readFile(uri: vscode.Uri): Uint8Array {
    return this.#file(uri).bytes;
  }

  writeFile(uri: vscode.Uri, bytes: Uint8Array): void {
    this.#files.set(uri.path, { bytes, changedAt: Date.now() });
    this.#changed.fire([{ type: vscode.FileChangeType.Changed, uri }]);
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  readDirectory(): [string, vscode.FileType][] {
    return [];
  }

  createDirectory(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  delete(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  rename(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  dispose(): void {
    this.#files.clear();
    this.#changed.dispose();
  }

  #file(uri: vscode.Uri): CallFile {
    const text = `${JSON.stringify({ tool: toolOfCall(uri), arguments: {} }, null, 2)}\n`;
    return this.#files.get(uri.path) ?? { bytes: Buffer.from(text), changedAt: 0 };
  }
}

/** Where the call of a tool is written. */
export function callUri(tool: string): vscode.Uri {
  return vscode.Uri.from({ scheme: scheme.call, path: `/${encodeURIComponent(tool)}.jsonc` });
}

function toolOfCall({ path }: vscode.Uri): string {
  return decodeURIComponent(path.replace(/^\//, '').replace(/\.jsonc$/, ''));
}
