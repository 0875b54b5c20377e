import { randomBytes } from 'node:crypto';
import { product } from '../platform/product';
import { sidecar } from './sidecar';

const program = `${sidecar.programMount}/${sidecar.programFile}`;

/**
 * It only copies: nothing is downloaded or run, so it builds offline and cannot fail on a registry.
 * COPY with --chown is also what makes a folder that belongs to the gateway's user, and a new named volume takes its
 * owner from the folder it is mounted on; so the volumes are writable for any MCP_GATEWAY_UID. COPY also keeps modes: with
 * a umask of 077 nobody but their owner reads the program and the servers.
 */
export const dockerfile = `# ${product.fileMark}.
ARG BASE_IMAGE=node:24-bookworm-slim
FROM \${BASE_IMAGE}
ARG GATEWAY_UID=1000
ARG GATEWAY_GID=1000
COPY --chown=\${GATEWAY_UID}:\${GATEWAY_GID} .gitignore ${sidecar.stateMount}/
COPY --chown=\${GATEWAY_UID}:\${GATEWAY_GID} .gitignore ${sidecar.stateMount}/home/
COPY --chown=\${GATEWAY_UID}:\${GATEWAY_GID} .gitignore ${sidecar.tokenMount}/
# A ca.crt beside this file, if there is one, is taken along: name it with MCP_GATEWAY_CA_CERTS=${sidecar.programMount}/ca.crt.
COPY --chown=\${GATEWAY_UID}:\${GATEWAY_GID} ${sidecar.programFile} ${sidecar.serversFile} ca.cr[t] ${sidecar.programMount}/
ENTRYPOINT []
CMD ["node", "${program}"]
`;

/** An allow list: the token, beside these files, never reaches the engine's build. */
export const dockerignore = `# ${product.fileMark}.
*
!.gitignore
!${sidecar.programFile}
!${sidecar.serversFile}
!ca.crt
`;

/** Half-written files of ours have the same names with an ending. */
export const gitignore = `# ${product.fileMark}.
${sidecar.tokenFile}*
!${sidecar.tokenExampleFile}
${sidecar.localServersFile}*
`;

export const tokenExample = `# ${product.fileMark}. \`devcontainer-gateway up\` writes ${sidecar.tokenFile} (git-ignored) in this form:
# ${sidecar.tokenVariable}=<32 random bytes, base64url>
`;

/** A starter that works at once in a plain Node image, without a download. */
export const starterServers = `{
  // What is behind the gateway. Each entry is one MCP server; the gateway takes changes up by itself.
  // A secret is written as \${NAME}, never by value. Personal additions: servers.local.json (git-ignored).
  "servers": {
    // A sample that needs no download: the tools echo, time and workspace_info.
    "sample": {
      "type": "stdio",
      "command": "node",
      "args": ["${program}", "--sample-server"]
    },

    // Files of the workspace, by a server from npm (fetched once, kept in the gateway's own volume):
    // "files": { "type": "stdio", "command": "npx", "args": ["-y", "@modelcontextprotocol/server-filesystem@2026.8.31", "."] },

    // GitHub's own server:
    // "github": { "type": "http", "url": "https://api.githubcopilot.com/mcp/", "headers": { "Authorization": "Bearer \${GITHUB_TOKEN}" } },
  },
  "gateway": { "kind": "builtin" }
}
`;

/** A new token file: 32 random bytes. */
export function newTokenFile(): string {
  return `${sidecar.tokenVariable}=${randomBytes(32).toString('base64url')}\n`;
}
