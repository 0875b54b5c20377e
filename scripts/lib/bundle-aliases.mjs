// What is left out of every bundle.
import { fileURLToPath } from 'node:url';

const nothing = fileURLToPath(new URL('left-out.cjs', import.meta.url));

/** The parser of the command line could start programs for verbs of their own, which are none here. */
export const leftOut = {
  name: 'left-out',
  setup(build) {
    build.onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      /[\\/]commander[\\/]/.test(importer) ? { path: nothing } : undefined,
    );
  },
};

/** esbuild's `alias` for all bundles. */
export const aliases = {
  ssh2: nothing,
  '@grpc/grpc-js': nothing,
  '@grpc/proto-loader': nothing,
  protobufjs: nothing,
};
