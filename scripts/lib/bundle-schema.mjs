// Writes the JSON Schema of servers.json: the module that makes it is bundled, run, and its result is what is written.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** @returns {import('esbuild').Plugin} */
export function schema() {
  return {
    name: 'schema',
    setup(build) {
      const { outfile } = build.initialOptions;
      Object.assign(build.initialOptions, { write: false, sourcemap: false });
      build.onEnd(async ({ outputFiles: [module] = [], errors }) => {
        if (errors.length > 0 || module === undefined) return;
        const code = `data:text/javascript,${encodeURIComponent(module.text)}`;
        const { serversJsonSchema } = await import(code);
        await mkdir(path.dirname(outfile), { recursive: true });
        await writeFile(outfile, `${JSON.stringify(serversJsonSchema(), null, 2)}\n`);
      });
    },
  };
}
