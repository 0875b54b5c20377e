import { gatewayVariables } from '../clients/clients';
import { product } from '../platform/product';

/** Names that the wiring, the gateway manager and the sidecar image agree on. */
export const sidecar = {
  /** The Compose service, and the DNS name by which the dev container reaches it. */
  service: 'mcp-gateway',
  /** The port inside the Compose network. The host port is chosen by the engine. */
  port: 8811,
  /** What the dev container's clients use. */
  url: 'http://mcp-gateway:8811/mcp',
  /** Our Compose file, beside devcontainer.json. */
  composeFile: 'docker-compose.mcp-gateway.yml',
  /** Our folder, beside devcontainer.json. */
  folder: 'mcp-gateway',
  serversFile: 'servers.json',
  localServersFile: 'servers.local.json',
  tokenFile: 'token.env',
  tokenExampleFile: 'token.env.example',
  programFile: 'gateway.cjs',
  /** The variable that carries the client token, in `token.env` and in the containers. */
  tokenVariable: gatewayVariables.token,
  urlVariable: gatewayVariables.url,
  /** Where the sidecar publishes its token; a small volume that the dev container mounts read-only. */
  tokenMount: '/run/mcp-gateway',
  tokenMountFile: '/run/mcp-gateway/token',
  /** The gateway's own state and the caches of its servers. */
  stateMount: '/var/lib/mcp-gateway',
  programMount: '/opt/mcp-gateway',
  labels: {
    /** On every container, volume and image of the gateway; the value is the gateway kind. */
    gateway: `${product.labels}.gateway`,
    /** Hash of the definition the container was made from. */
    definition: `${product.labels}.definition`,
  },
} as const;
