import * as v from 'valibot';

/** What a server in a container may use, and how it is shut in. */
export const containerFields = {
  type: v.literal('container'),
  image: v.pipe(
    v.string(),
    v.nonEmpty('the image is empty'),
    v.regex(/^[^-\s]\S*$/, 'the image is a name without spaces that does not start with "-"'),
  ),
  /** Arguments of the program in the image. They are visible to everybody on the machine: secrets belong under `env`. */
  args: v.optional(v.array(v.string()), []),
  env: v.optional(
    v.record(
      v.pipe(v.string(), v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'not the name of a variable')),
      v.string(),
    ),
    {},
  ),
  volumes: v.optional(v.array(v.pipe(v.string(), v.regex(/^[^-]/, 'a volume does not start with "-"'))), []),
  /** A network of the engine, `none` or `host`; the engine's default bridge when absent. */
  network: v.optional(
    v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9_.:-]*$/, 'not the name of a network')),
  ),
  memory: v.optional(
    v.pipe(v.string(), v.regex(/^[1-9]\d*[bkmg]?$/i, 'memory is a number of bytes, or one with k, m or g')),
    '1g',
  ),
  cpus: v.optional(v.pipe(v.number(), v.minValue(0.01)), 1),
  pids: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 256),
  /** Whether the image's files cannot be changed; `/tmp` stays writable, in memory. */
  readOnly: v.optional(v.boolean(), false),
};
