import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { TestGateway } from './gateway';

export interface AuditEntry {
  time: string;
  id: number;
  token: string;
  session?: string;
  client?: string;
  server: string;
  method: string;
  name: string;
  requestBytes: number;
  resultBytes: number;
  ms: number;
  queuedMs: number;
  outcome: string;
  isError?: true;
  problem?: string;
  trace?: string;
  shape: unknown;
  arguments?: unknown;
}

/** Every audit line of a gateway, oldest file first. Throws for a line that is not JSON or was written in part. */
export async function auditOf(gateway: Pick<TestGateway, 'folder'>): Promise<AuditEntry[]> {
  const folder = path.join(gateway.folder, 'state/audit');
  const files = (await readdir(folder)).sort((a, b) => ageOf(b) - ageOf(a));
  const texts = await Promise.all(files.map(async (file) => await readFile(path.join(folder, file), 'utf8')));
  const text = texts.join('');
  if (text !== '' && !text.endsWith('\n')) throw new Error(`a part of a line: ${text.slice(-200)}`);
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as AuditEntry);
}

function ageOf(file: string): number {
  return Number(/\.(\d+)\./.exec(file)?.[1] ?? 0);
}
