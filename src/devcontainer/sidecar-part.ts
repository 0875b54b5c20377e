import type { GatewayKind } from '../servers/gateway-settings';

/** One file that a gateway kind puts into our folder beside devcontainer.json. */
interface SidecarContent {
  /** The name of the file in the folder. */
  name: string;
  content: Buffer;
  /**
   * `mark`: a text that carries our mark, so that another file of this name is never overwritten. `program`: our own
   * bytes, replaced whenever they differ.
   */
  owner: 'mark' | 'program';
}

/** What a gateway kind gives to the plan that wires a dev container. */
export interface SidecarPart {
  kind: GatewayKind;
  files: readonly SidecarContent[];
  /** SHA-256 in hex of what the image is made from; another value means that the image has to be built again. */
  hash: string;
}
