// Writes the help of the command line, as its own parser lays it out, beside the parts: `--help` then loads nothing.
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

/** To be put after the plugin that writes the program. */
export const help = {
  name: 'help',
  setup(build) {
    build.onEnd(async ({ errors }) => {
      if (errors.length > 0) return;
      const { outdir } = build.initialOptions;
      const text = execFileSync(process.execPath, [path.join(outdir, 'cli.js'), 'help']);
      await writeFile(path.join(outdir, 'cli', 'help.txt'), text);
    });
  },
};
