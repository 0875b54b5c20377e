import * as v from 'valibot';
import { readTextIfExists, writeFileAtomic } from '../../../platform/files';
import { watchedFields, type Fingerprint, type WatchedField } from './fingerprint';

/** Says that a tool has changed since it was first seen or last acknowledged. */
export interface ChangeMark {
  since: string;
  fields: WatchedField[];
}

/** A tool as the server last listed it. */
export interface SeenTool {
  server: string;
  /** The name that the server gives it. */
  tool: string;
  seen: Fingerprint;
  changed?: ChangeMark | undefined;
}

const field = v.picklist(watchedFields);

const schema = v.object({
  version: v.literal(1),
  tools: v.array(
    v.object({
      server: v.string(),
      tool: v.string(),
      seen: v.object({
        whole: v.string(),
        fields: v.partial(
          v.object({
            title: v.string(),
            description: v.string(),
            inputSchema: v.string(),
            outputSchema: v.string(),
            annotations: v.string(),
          }),
        ),
      }),
      changed: v.optional(v.object({ since: v.string(), fields: v.array(field) })),
    }),
  ),
});

/** Reads the file. Without a file, no tool was seen before. Throws when the content is not valid. */
export async function readSeenTools(file: string): Promise<SeenTool[]> {
  const text = await readTextIfExists(file);
  return text === undefined ? [] : v.parse(schema, JSON.parse(text)).tools;
}

export async function writeSeenTools(file: string, tools: readonly SeenTool[]): Promise<void> {
  await writeFileAtomic(file, `${JSON.stringify({ version: 1, tools })}\n`, { mode: 0o600 });
}
