import { randomBytes } from 'node:crypto';
import { product } from '../platform/product';
import { sidecar } from './sidecar';

const program = `${sidecar.programMount}/${sidecar.programFile}`;

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
