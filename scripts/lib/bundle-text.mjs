// Packages that a program imports only when they are first needed are texts in its one file: compiling a text costs nothing
// until then, while V8 reads every function of a program before its first line runs.
import * as esbuild from 'esbuild';

const namespace = 'as-text';
const parameters = ['exports', 'require', 'module'];

/** @returns {esbuild.Plugin} for every `import()` of a package; such a package must import nothing of the program. */
export const packagesAsText = {
  name: namespace,
  setup(build) {
    build.onResolve({ filter: /^[^.]/ }, async ({ path, kind, pluginData, ...where }) => {
      if (kind !== 'dynamic-import' || path.startsWith('node:') || pluginData === namespace) return undefined;
      const { path: file, errors } = await build.resolve(path, { ...where, kind, pluginData: namespace });
      return errors.length > 0 ? { errors } : { path: file, namespace };
    });
    build.onLoad({ filter: /.*/, namespace }, async ({ path }) => {
      const { plugins, entryPoints, outfile, outdir, ...options } = build.initialOptions;
      const { outputFiles } = await esbuild.build({
        ...options,
        entryPoints: [path],
        sourcemap: false,
        write: false,
      });
      const [{ text }] = outputFiles;
      const file = JSON.stringify(path.slice(path.lastIndexOf('node_modules')));
      return {
        loader: 'js',
        contents: `const part = { exports: {} };
const run = require('node:vm').compileFunction(${JSON.stringify(text)}, ${JSON.stringify(parameters)}, { filename: ${file} });
run(part.exports, require, part);
module.exports = part.exports;`,
      };
    });
  },
};
