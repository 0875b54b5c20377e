import * as v from 'valibot';
import { type Document, isScalar, visit } from 'yaml';
import { ParseError } from '../platform/errors';
import { readYaml, valueOfYaml } from './yaml-document';

const names = v.union([v.array(v.string()), v.record(v.string(), v.unknown())]);
const mount = v.looseObject({
  type: v.string(),
  source: v.optional(v.string()),
  target: v.optional(v.string()),
});
const serviceSchema = v.nullable(
  v.looseObject({
    networks: v.optional(v.nullable(names)),
    network_mode: v.optional(v.string()),
    volumes: v.optional(v.nullable(v.array(v.union([v.string(), mount])))),
    extends: v.optional(
      v.union([v.string(), v.looseObject({ service: v.string(), file: v.optional(v.string()) })]),
    ),
  }),
);
const fileSchema = v.looseObject({
  services: v.optional(v.nullable(v.record(v.string(), serviceSchema))),
  networks: v.optional(v.nullable(v.record(v.string(), v.nullable(v.looseObject({}))))),
});

/** What wiring reads of one service in one file. */
export type FileService = NonNullable<v.InferOutput<typeof serviceSchema>>;

/** One Compose file, variables unreplaced. */
export interface ComposeFile {
  path: string;
  content: v.InferOutput<typeof fileSchema>;
  /** `service.key` of what the file puts in the place of earlier files' (`!reset`, `!override`), instead of adding to it. */
  replaced: ReadonlySet<string>;
}

/** Reads a Compose file. One that is not YAML, or not a Compose file, is a ParseError with line and column. */
export async function parseComposeFile(file: string): Promise<ComposeFile> {
  const yaml = await readYaml(file);
  const { document, lines } = yaml;
  const replaced = takeTags(document);
  const value = valueOfYaml(yaml);
  const parsed = v.safeParse(fileSchema, value ?? {});
  if (parsed.success) return { path: file, content: parsed.output, replaced };
  const keys = (parsed.issues[0].path ?? []).map((item) => item.key);
  const node: unknown = document.getIn(keys, true);
  const range = v.safeParse(v.object({ range: v.tuple([v.number()]) }), node);
  const place = range.success ? lines.linePos(range.output.range[0]) : { line: 1, col: 1 };
  const problemPlace = { file, line: place.line, column: place.col };
  throw new ParseError(problemPlace, `${keys.join('.')}: ${parsed.issues[0].message}`);
}

/**
 * Takes what is tagged `!reset` out of a document, and tells which keys of services are tagged.
 * @see https://docs.docker.com/reference/compose-file/merge/#reset-value
 */
function takeTags(document: Document): Set<string> {
  const replaced = new Set<string>();
  visit(document, {
    Pair: (_key, pair, ancestors) => {
      const tag = v.safeParse(v.object({ tag: v.picklist(['!reset', '!override']) }), pair.value);
      if (!tag.success) return undefined;
      const keys = [...ancestors, pair].flatMap((node) =>
        'key' in node && isScalar(node.key) ? [String(node.key.value)] : [],
      );
      if (keys[0] === 'services' && keys.length === 3) replaced.add(keys.slice(1).join('.'));
      return tag.output.tag === '!reset' ? visit.REMOVE : undefined;
    },
  });
  return replaced;
}
