declare global {
  // Set by the bundler from package.json.
  var DEVCONTAINER_GATEWAY_VERSION: string | undefined;
}

/** The version of this package; `0.0.0-source` when it runs unbundled. */
export const version: string = globalThis.DEVCONTAINER_GATEWAY_VERSION ?? '0.0.0-source';
