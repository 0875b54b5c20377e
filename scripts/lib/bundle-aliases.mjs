// What is left out of every bundle.
import { fileURLToPath } from 'node:url';

const nothing = fileURLToPath(new URL('left-out.cjs', import.meta.url));

/** esbuild's `alias` for all bundles. */
export const aliases = { ssh2: nothing, '@grpc/grpc-js': nothing, '@grpc/proto-loader': nothing };
