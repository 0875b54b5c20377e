import { randomBytes } from 'node:crypto';
import { readRepositoryText } from '../platform/files';
import { committedTexts } from '../platform/git';
import { product } from '../platform/product';
import { sidecar } from './sidecar';

const program = `${sidecar.programMount}/${sidecar.programFile}`;

/** Our half-written files have the same names with an ending. */
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
  // The servers behind the gateway. Each entry is one MCP server. The gateway applies changes by itself.
  // Write a secret as \${NAME}, never its value. Put personal servers into servers.local.json (git-ignored).
  "servers": {
    // A sample server that needs no download. Its tools are echo, time and workspace_info.
    "sample": {
      "type": "stdio",
      "command": "node",
      "args": ["${program}", "--sample-server"]
    },

    // The files of the workspace, through a server from npm. It is downloaded once and kept in the gateway's volume:
    // "files": { "type": "stdio", "command": "npx", "args": ["-y", "@modelcontextprotocol/server-filesystem@2026.8.31", "."] },

    // GitHub's own server:
    // "github": { "type": "http", "url": "https://api.githubcopilot.com/mcp/", "headers": { "Authorization": "Bearer \${GITHUB_TOKEN}" } },
  },
  "gateway": { "kind": "builtin" }
}
`;

/** Whether the text of a token file is the one that Git has, or holds the same token: then others know it. */
export async function isCommittedToken(file: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const own = tokenLine(await readRepositoryText(file));
  if (own === undefined) return false;
  return (await committedTexts(file, env)).some((text) => tokenLine(text) === own);
}

/** What a person is told when such a token was replaced. */
export function committedTokenNote(file: string): string {
  return `${file} is in Git, so others know its token. The token is replaced by a new one. Remove the file from Git: git rm --cached ${sidecar.tokenFile} (in its folder). Then create the dev container again.`;
}

/** The value that an env file gives the token, without quotes: in both texts in the same way. */
function tokenLine(text: string | undefined): string | undefined {
  const lines = (text ?? '').split(/\r?\n|\r/);
  const line = lines.findLast((each) => each.includes(`${sidecar.tokenVariable}=`)) ?? lines.join('').trim();
  const value = line.slice(line.indexOf('=') + 1).replace(/["'\s]/g, '');
  return value === '' ? undefined : value;
}

/** A new token file: 32 random bytes. */
export function newTokenFile(): string {
  return `${sidecar.tokenVariable}=${randomBytes(32).toString('base64url')}\n`;
}
