import * as v from 'valibot';
import { step } from '../../../platform/next-step';
import { StateFile } from '../../state/state-file';
import type { StateProblems } from '../../state/state-problems';
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

/** `tools-seen.json` of the state folder. */
export function seenFile(file: string, problems: StateProblems): StateFile<typeof schema> {
  return new StateFile(file, schema, problems, {
    meaning:
      'It says how tools looked when you last saw them, so a tool that changed while the file was damaged is not marked.',
    next: step('Look at the tools once. They are recorded as they are now.', 'tools'),
  });
}
