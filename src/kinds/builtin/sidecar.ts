import { createHash } from 'node:crypto';
import { sidecar } from '../../devcontainer/sidecar';
import type { SidecarPart } from '../../devcontainer/sidecar-part';
import { product } from '../../platform/product';

const program = `${sidecar.programMount}/${sidecar.programFile}`;

/**
 * The first process of the container. A process that a server leaves behind becomes its child, and it takes note of the end
 * of such processes. Otherwise they would count against the limit of processes for ever. It passes signals to the gateway, and
 * ends with the gateway's exit status.
 */
const firstProcess = [
  "trap 'kill -TERM $p 2>/dev/null' TERM INT HUP",
  '"$@" & p=$!',
  's=129',
  'while [ $s -gt 128 ]; do wait $p; s=$?; kill -0 $p 2>/dev/null || break; done',
  // A wait that a signal has interrupted gives the status of the signal, and the next one that of the gateway.
  '[ $s -le 128 ] || { wait $p; r=$?; [ $r -eq 127 ] || s=$r; }',
  'exit $s',
].join('; ');

/**
 * It only copies: nothing is downloaded or run, so it builds offline and cannot fail on a registry.
 * COPY with --chown is also what makes a folder that belongs to the gateway's user, and a new named volume takes its
 * owner from the folder it is mounted on; so the volumes are writable for any MCP_GATEWAY_UID. COPY also keeps modes: with
 * a umask of 077 nobody but their owner reads the program and the servers.
 */
const dockerfile = `# ${product.fileMark}.
ARG BASE_IMAGE=node:24-bookworm-slim
FROM \${BASE_IMAGE}
ARG GATEWAY_UID=1000
ARG GATEWAY_GID=1000
COPY --chown=\${GATEWAY_UID}:\${GATEWAY_GID} .gitignore ${sidecar.stateMount}/
COPY --chown=\${GATEWAY_UID}:\${GATEWAY_GID} .gitignore ${sidecar.stateMount}/home/
COPY --chown=\${GATEWAY_UID}:\${GATEWAY_GID} .gitignore ${sidecar.tokenMount}/
# A ca.crt beside this file, if there is one, is taken along: name it with MCP_GATEWAY_CA_CERTS=${sidecar.programMount}/ca.crt.
COPY --chown=\${GATEWAY_UID}:\${GATEWAY_GID} ${sidecar.programFile} ${sidecar.serversFile} ca.cr[t] ${sidecar.programMount}/
ENTRYPOINT ${JSON.stringify(['/bin/sh', '-c', firstProcess, 'mcp-gateway'])}
CMD ["node", "${program}"]
`;

/** An allow list: the token, beside these files, never reaches the engine's build. */
const dockerignore = `# ${product.fileMark}.
*
!.gitignore
!${sidecar.programFile}
!${sidecar.serversFile}
!ca.crt
`;

/** The built-in gateway as a sidecar: one self-contained program in an image that only copies it. */
export function builtinSidecar(bytes: Buffer): SidecarPart {
  return {
    kind: 'builtin',
    hash: createHash('sha256').update(bytes).digest('hex'),
    files: [
      { name: '.dockerignore', content: Buffer.from(dockerignore), owner: 'mark' },
      { name: 'Dockerfile', content: Buffer.from(dockerfile), owner: 'mark' },
      { name: sidecar.programFile, content: bytes, owner: 'program' },
    ],
  };
}
