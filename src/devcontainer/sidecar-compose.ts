import path from 'node:path';
import { stringify } from 'yaml';
import { AppError } from '../platform/errors';
import type { GatewayKind } from '../servers/gateway-settings';
import { product } from '../platform/product';
import { type ComposeModel, type ComposeMount, mountOf, reachableNetworks } from './compose-project';
import type { ComposeDevContainer } from './read';
import { sidecar } from './sidecar';

const stateVolume = 'mcp-gateway-state';
const tokenVolume = 'mcp-gateway-token';

/** The rendered Compose file, and what a person should know about it. */
export interface SidecarDefinition {
  text: string;
  notes: string[];
}

export interface SidecarOptions {
  /** A fixed port on the host's loopback; the engine picks a free one otherwise. */
  hostPort: number | undefined;
  /** The gateway kind, which the labels name. */
  kind: GatewayKind;
  /** SHA-256 in hex of what the image is made from. */
  programHash: string;
  /** Our file as it is, when the dev container is wired already: it remembers how things were before. */
  previous?: string;
}

/** How devcontainer.json looked before, for undoing where no record of it is left (a fresh clone). */
export type ComposeFileForm = ComposeDevContainer['composeFileForm'];
const formMark = 'dockerComposeFile before:';

/** Renders our Compose file. Every relative path resolves against the folder of the project's first Compose file. */
export function renderSidecar(
  container: ComposeDevContainer,
  model: ComposeModel,
  options: SidecarOptions,
): SidecarDefinition {
  if (model.services[sidecar.service] !== undefined) {
    throw new AppError('conflict', `The Compose project already has a service "${sidecar.service}".`, {
      next: 'Rename that service and run the command again.',
    });
  }
  const { kind } = options;
  const notes: string[] = [];
  const network = networking(container, model, options.hostPort, notes);
  const view = workspaceView(container, model, notes);
  const document = {
    services: {
      [sidecar.service]: gatewayService(container, options, network.networks, view),
      [container.service]: appService(container, network.url),
    },
    volumes: {
      [stateVolume]: { labels: { [sidecar.labels.gateway]: kind } },
      [tokenVolume]: { labels: { [sidecar.labels.gateway]: kind } },
    },
  };
  const body = stringify(document, { lineWidth: 0, defaultStringType: 'PLAIN' });
  const form = formBefore(options.previous ?? '') ?? container.composeFileForm;
  return { text: `${header(form)}\n${body}`, notes };
}

/** What the header of a rendered file says of the form of `dockerComposeFile` before it was wired. */
export function formBefore(text: string): ComposeFileForm | undefined {
  const found = new RegExp(`# ${formMark} (string|array|defaults)`).exec(text)?.[1];
  return found === 'string' || found === 'array' || found === 'defaults' ? found : undefined;
}

/** The fixed host port that a rendered file has, or `undefined` when the engine picks one. */
export function hostPortBefore(text: string): number | undefined {
  const port = new RegExp(`127\\.0\\.0\\.1:(\\d+):${String(sidecar.port)}`).exec(text)?.[1];
  return port === undefined ? undefined : Number(port);
}

function header(form: ComposeFileForm): string {
  return [
    `# ${product.fileMark}: change it with \`devcontainer-gateway add\`, remove it with \`devcontainer-gateway remove\`.`,
    '# It adds the service mcp-gateway to the dev container. Commit this file: it contains no secret.',
    `# ${formMark} ${form}`,
  ].join('\n');
}

function networking(
  container: ComposeDevContainer,
  model: ComposeModel,
  hostPort: number | undefined,
  notes: string[],
): { networks: string[]; url: string } {
  const networks = reachableNetworks(model, container.service);
  if (networks === undefined) {
    const mode = model.services[container.service]?.networkMode ?? 'none';
    if (mode === 'host' && hostPort !== undefined) {
      return { networks: ['default'], url: `http://127.0.0.1:${String(hostPort)}/mcp` };
    }
    throw new AppError(
      'refused',
      `The service ${container.service} is not on a Compose network (network_mode: ${mode}).`,
      {
        next:
          mode === 'host'
            ? 'Choose the port on which it reaches the gateway with --host-port N.'
            : 'Put the service on a Compose network and run the command again.',
      },
    );
  }
  const own = networks.filter((name) => !model.externalNetworks.includes(name));
  if (own.length === 0 && networks.length > 0) {
    notes.push(
      `Every network of ${container.service} is external. If another project on them also has a gateway, both have the same name.`,
    );
  }
  return { networks: own.length === 0 ? networks : own, url: sidecar.url };
}

/** What the sidecar sees of the workspace. */
interface WorkspaceView {
  /** The folder of servers.json inside the sidecar. */
  folder: string;
  workingDir: string;
  mounts: unknown[];
  /** How the gateway finds a workspace whose path differs from clone to clone. */
  locate: { pattern: string; marker: string } | undefined;
}

/** Where our folder is mounted when its path inside the workspace is not the same in every clone. */
const fixedFolder = `${sidecar.programMount}/config`;

/** The home of the servers that run as the owner of the workspace. */
const serversHome = `${sidecar.stateMount}/home`;

function workspaceView(container: ComposeDevContainer, model: ComposeModel, notes: string[]): WorkspaceView {
  const mount = mountOf(model, container.service, container.workspaceFolder);
  const fixed = { folder: fixedFolder, workingDir: serversHome, locate: undefined };
  if (mount?.source === undefined) {
    notes.push(
      `No mount of ${container.service} contains ${container.workspaceFolder}, so servers do not see the workspace.`,
    );
    return { ...fixed, mounts: [ownFolder(container, fixedFolder)] };
  }
  const resolved = mount.type === 'bind' ? relativeToProject(container, mount.source) : mount.source;
  const workspace = { type: mount.type, source: mount.written ?? resolved, target: mount.target };
  const folder = folderInContainer(container, mount);
  const pattern = container.workspaceFolderPattern;
  if (pattern === undefined) {
    const mounts = [workspace, ownFolder(container, folder)];
    return { folder, workingDir: container.workspaceFolder, mounts, locate: undefined };
  }
  const marker = path.posix.relative(container.workspaceFolder, folder);
  return { ...fixed, mounts: [workspace, ownFolder(container, fixedFolder)], locate: { pattern, marker } };
}

/** Our folder's path in the dev container. */
function folderInContainer(container: ComposeDevContainer, mount: ComposeMount): string {
  const ours = path.join(container.configDir, sidecar.folder);
  const inMount =
    mount.type === 'bind' && mount.source !== undefined ? path.relative(mount.source, ours) : undefined;
  if (inMount !== undefined && !inMount.startsWith('..') && !path.isAbsolute(inMount)) {
    return path.posix.join(mount.target, posix(inMount));
  }
  return path.posix.join(container.workspaceFolder, posix(path.relative(container.workspace, ours)));
}

/** Our folder again, read-only: what runs in the sidecar cannot change what the sidecar runs. */
function ownFolder(container: ComposeDevContainer, target: string): unknown {
  const source = relativeToProject(container, path.join(container.configDir, sidecar.folder));
  return { type: 'bind', source, target, read_only: true };
}

function gatewayService(
  container: ComposeDevContainer,
  options: SidecarOptions,
  networks: readonly string[],
  view: WorkspaceView,
): Record<string, unknown> {
  return {
    build: {
      context: relativeToProject(container, path.join(container.configDir, sidecar.folder)),
      args: {
        BASE_IMAGE: '${MCP_GATEWAY_BASE_IMAGE:-node:24-bookworm-slim}',
        GATEWAY_UID: '${MCP_GATEWAY_UID:-1000}',
        GATEWAY_GID: '${MCP_GATEWAY_GID:-1000}',
        HTTP_PROXY: '${HTTP_PROXY:-}',
        HTTPS_PROXY: '${HTTPS_PROXY:-}',
        NO_PROXY: '${NO_PROXY:-}',
      },
      labels: { [sidecar.labels.gateway]: options.kind },
    },
    labels: {
      [sidecar.labels.gateway]: options.kind,
      [sidecar.labels.definition]: `sha256:${options.programHash}`,
    },
    command: commandLine(view),
    working_dir: view.workingDir,
    // The gateway alone is root. It runs every server as another user, which has no capability.
    user: '0:0',
    environment: gatewayEnvironment(),
    env_file: [tokenEnv(container)],
    ports: [
      `127.0.0.1:${options.hostPort === undefined ? '' : String(options.hostPort)}:${String(sidecar.port)}`,
    ],
    ...(networks.length === 1 && networks[0] === 'default' ? {} : { networks }),
    volumes: [
      ...view.mounts,
      { type: 'volume', source: stateVolume, target: sidecar.stateMount },
      { type: 'volume', source: tokenVolume, target: sidecar.tokenMount },
    ],
    tmpfs: ['/tmp:mode=1777,size=256m'],
    read_only: true,
    cap_drop: ['ALL'],
    cap_add: ['CHOWN', 'DAC_OVERRIDE', 'KILL', 'SETGID', 'SETUID'],
    security_opt: ['no-new-privileges:true'],
    mem_limit: '${MCP_GATEWAY_MEMORY:-1g}',
    pids_limit: 512,
    restart: 'unless-stopped',
    healthcheck: {
      test: [
        'CMD',
        'node',
        `${sidecar.programMount}/${sidecar.programFile}`,
        '--healthcheck',
        '--port',
        String(sidecar.port),
      ],
      interval: '30s',
      timeout: '5s',
      retries: 3,
      start_period: '20s',
    },
  };
}

function commandLine({ folder, locate }: WorkspaceView): string[] {
  return [
    'node',
    `${sidecar.programMount}/${sidecar.programFile}`,
    ...['--host', '0.0.0.0', '--port', String(sidecar.port)],
    ...['--state', sidecar.stateMount],
    ...['--server-user', '${MCP_GATEWAY_UID:-1000}:${MCP_GATEWAY_GID:-1000}'],
    ...['--publish-token', sidecar.tokenMountFile],
    ...['--servers', path.posix.join(folder, sidecar.serversFile)],
    ...['--fallback-servers', `${sidecar.programMount}/${sidecar.serversFile}`],
    ...(locate === undefined ? [] : ['--workspace', locate.pattern, '--workspace-marker', locate.marker]),
  ];
}

/** A name without a value is taken from the environment of the person who starts the project, if it is set there. */
function gatewayEnvironment(): Record<string, string | null> {
  const home = serversHome;
  return {
    HOME: home,
    NPM_CONFIG_CACHE: `${home}/.npm`,
    UV_CACHE_DIR: `${home}/.cache/uv`,
    NODE_EXTRA_CA_CERTS: '${MCP_GATEWAY_CA_CERTS:-}',
    HTTP_PROXY: null,
    HTTPS_PROXY: null,
    NO_PROXY: null,
    MCP_GATEWAY_ALLOWED_HOSTS: null,
    MCP_GATEWAY_WORKSPACE_SERVERS: null,
  };
}

function appService(container: ComposeDevContainer, url: string): Record<string, unknown> {
  return {
    depends_on: { [sidecar.service]: { condition: 'service_started', required: false } },
    environment: { [sidecar.urlVariable]: url },
    env_file: [tokenEnv(container)],
    volumes: [
      // Without the copying of the image's files: the sidecar's image decides whose volume it is.
      {
        type: 'volume',
        source: tokenVolume,
        target: sidecar.tokenMount,
        read_only: true,
        volume: { nocopy: true },
      },
    ],
  };
}

/** Git-ignored, so missing in a fresh clone: Compose would refuse the whole project if it were required. */
function tokenEnv(container: ComposeDevContainer): unknown {
  const file = path.join(container.configDir, sidecar.folder, sidecar.tokenFile);
  return { path: relativeToProject(container, file), required: false };
}

function relativeToProject(container: ComposeDevContainer, file: string): string {
  const relative = path.relative(container.projectDir, file);
  if (path.isAbsolute(relative)) return posix(relative);
  const text = posix(relative);
  return text.startsWith('..') ? text : `./${text}`;
}

function posix(file: string): string {
  return file.split(path.sep).join('/');
}
