import { AppError } from '../platform/errors';
import { deepEqual, isRecord, locationOf, parseJsoncObject, type SourceText } from '../platform/jsonc/jsonc';
import { isEmptyJson, removeJsonValue, setJsonValue } from '../platform/jsonc/edit';
import { type AiClient, clientKey } from './clients';
import { faultsOf } from './faults';

/**
 * The client's file with our entry, other entries untouched; `undefined` stands for no file. If the user changed
 * our entry, it stays while it reaches the gateway; otherwise it is corrected. Another entry of the same name is a
 * conflict.
 */
export function addEntry(client: AiClient, source: SourceText | undefined, file: string): SourceText {
  if (source === undefined || source.text.trim() === '') {
    const document = client.path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), {
      [clientKey]: client.entry,
    });
    return { bom: source?.bom ?? '', text: `${JSON.stringify(document, undefined, 2)}\n` };
  }
  const current = tableOf(client, source.text, file)?.[clientKey];
  if (current !== undefined && !isOurs(current)) {
    const place = locationOf(source.text, file, [...client.path, clientKey]);
    throw new AppError('conflict', `${file} already has a server "${clientKey}" that is not this gateway.`, {
      location: place,
      next: `Rename that entry (line ${place.line ?? 1}) and run the command again.`,
    });
  }
  if (current !== undefined && faultsOf(current, client).length === 0) return source;
  return { ...source, text: setJsonValue(source.text, [...client.path, clientKey], client.entry) };
}

/** The client's file without our entry; `undefined` when nothing else was in it, `source` when there was no entry. */
export function removeEntry(client: AiClient, source: SourceText, file: string): SourceText | undefined {
  if (source.text.trim() === '') return source;
  const current = tableOf(client, source.text, file)?.[clientKey];
  if (current === undefined || !isOurs(current)) return source;
  let text = removeJsonValue(source.text, [...client.path, clientKey]);
  if (isEmptyJson(text, [...client.path])) text = removeJsonValue(text, [...client.path]);
  return isEmptyJson(text, []) ? undefined : { ...source, text };
}

/** The entry under our key, no matter who wrote it. Throws for a file that cannot be parsed. */
export function entryIn(client: AiClient, text: string, file: string): unknown {
  return text.trim() === '' ? undefined : tableOf(client, text, file)?.[clientKey];
}

function tableOf(client: AiClient, text: string, file: string): Record<string, unknown> | undefined {
  let value: unknown = parseJsoncObject(text, file);
  for (const [depth, key] of client.path.entries()) {
    value = isRecord(value) ? value[key] : undefined;
    if (value === undefined) return undefined;
    if (isRecord(value)) continue;
    const place = locationOf(text, file, client.path.slice(0, depth + 1));
    throw new AppError('invalid-file', `${file}:${place.line ?? 1}: "${key}" is not an object.`, {
      location: place,
      next: 'Correct the file and run the command again.',
    });
  }
  return isRecord(value) ? value : undefined;
}

/** An entry is ours when it names our variables: the user may have changed the rest of it. */
function isOurs(entry: unknown): boolean {
  const text = JSON.stringify(entry);
  return text.includes('MCP_GATEWAY_URL') || text.includes('MCP_GATEWAY_AUTH_TOKEN') || deepEqual(entry, {});
}
