import * as v from 'valibot';

/** The fields of a server in a container: its image, its resources and its restrictions. */
export const containerFields = {
  type: v.literal('container'),
  image: v.pipe(
    v.string(),
    v.nonEmpty('The image is empty.'),
    v.regex(/^[^-\s]\S*$/, 'The image must be a name without spaces that does not start with "-".'),
  ),
  /** Arguments of the program in the image. Every user of the machine can read them, so secrets belong under `env`. */
  args: v.optional(v.array(v.string()), []),
  env: v.optional(
    v.record(
      v.pipe(v.string(), v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'This is not a valid variable name.')),
      v.string(),
    ),
    {},
  ),
  volumes: v.optional(v.array(v.pipe(v.string(), v.regex(/^[^-]/, 'A volume must not start with "-".'))), []),
  /** A network of the engine, `none` or `host`. The default is the engine's default bridge. */
  network: v.optional(
    v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9_.:-]*$/, 'This is not a valid network name.')),
  ),
  memory: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[1-9]\d*[bkmg]?$/i, 'The memory must be a number of bytes, or a number with k, m or g.'),
    ),
    '1g',
  ),
  cpus: v.optional(v.pipe(v.number(), v.minValue(0.01)), 1),
  pids: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 256),
  /** Whether the root file system of the container is read-only. `/tmp` stays writable, in memory. */
  readOnly: v.optional(v.boolean(), false),
};
