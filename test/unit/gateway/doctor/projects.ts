/** Projects with one mistake each, and projects with none: files by their path. */
export interface Project {
  name: string;
  files: Readonly<Record<string, string>>;
}

const service = (...lines: string[]): string =>
  `services:\n  mcp-gateway:\n    image: gateway\n${lines.map((line) => `    ${line}\n`).join('')}`;
const compose = (name: string, ...lines: string[]): Project => ({
  name,
  files: { 'docker-compose.yml': service(...lines) },
});
const devcontainer = (name: string, value: object): Project => ({
  name,
  files: { '.devcontainer/devcontainer.json': JSON.stringify({ image: 'x', ...value }) },
});
const client = (name: string, file: string, value: object): Project => ({
  name,
  files: { [file]: JSON.stringify(value) },
});
const committed = (name: string, file: string, text: string): Project => ({ name, files: { [file]: text } });
const random = 'q7Zp2Lx9Vb4Nc6Ks1Wd8Rt3Yf5Hg0JmAeUiOq7Zp2Lx9Vb4';
const remote = { type: 'http', url: 'https://mcp.example.org/mcp' };
const local = { command: 'npx', args: ['-y', 'some-server'] };

export const publicBindProjects: readonly Project[] = [
  compose('short form', 'ports: ["8811:8811"]'),
  compose('every address', 'ports: ["0.0.0.0:8811:8811"]'),
  compose('every IPv6 address', 'ports: ["[::]:8811:8811"]'),
  compose('long form', 'ports: [{target: 8811, published: 8811}]'),
  compose('long form with an address', 'ports: [{target: 8811, published: 8811, host_ip: 0.0.0.0}]'),
  compose('a range', 'ports: ["8800-8820:8800-8820"]'),
  compose('a container port alone', 'ports: [8811]'),
  compose('the default of a variable', 'ports: ["${BIND:-0.0.0.0}:8811:8811"]'),
  compose('another port on the host', 'ports: ["80:8811/tcp"]'),
  compose('a port of another number', 'ports: ["4444:4444"]'),
  compose('an alias', 'x: &all "0.0.0.0:8811:8811"', 'ports: [*all]'),
  devcontainer('runArgs -p', { runArgs: ['-p', '8811:8811'] }),
  devcontainer('runArgs --publish=', { runArgs: ['--publish=0.0.0.0:9000:9000'] }),
  devcontainer('runArgs -P', { runArgs: ['-P'] }),
  devcontainer('appPort', { appPort: ['8811:8811'] }),
];

export const directServerProjects: readonly Project[] = [
  client('.mcp.json with a remote server', '.mcp.json', { mcpServers: { github: remote } }),
  client('.mcp.json with a command', '.mcp.json', { mcpServers: { files: local } }),
  client('VS Code', '.vscode/mcp.json', { servers: { github: remote } }),
  client('the settings of VS Code', '.vscode/settings.json', { mcp: { servers: { github: remote } } }),
  client('Cursor', '.cursor/mcp.json', { mcpServers: { files: local } }),
  client('Gemini', '.gemini/settings.json', { mcpServers: { x: { httpUrl: remote.url } } }),
  client('OpenCode', 'opencode.json', { mcp: { x: { type: 'local', command: ['npx', 'x'] } } }),
  client('Roo', '.roo/mcp.json', { mcpServers: { files: local } }),
  committed('Codex', '.codex/config.toml', '[mcp_servers.github]\nurl = "https://mcp.example.org/mcp"\n'),
  devcontainer('devcontainer.json', { customizations: { vscode: { mcp: { servers: { x: local } } } } }),
  client('beside the gateway', '.mcp.json', {
    mcpServers: { gateway: { type: 'http', url: '${MCP_GATEWAY_URL}' }, github: remote },
  }),
  client('a gateway at another host', '.mcp.json', {
    mcpServers: { gateway: { ...remote, headers: { Authorization: 'Bearer ${MCP_GATEWAY_AUTH_TOKEN}' } } },
  }),
  client('a default at another host', '.mcp.json', {
    mcpServers: {
      gateway: {
        url: '${MCP_GATEWAY_URL:-https://evil.example/mcp}',
        headers: { Authorization: 'Bearer ${MCP_GATEWAY_AUTH_TOKEN}' },
      },
    },
  }),
];

export const secretProjects: readonly Project[] = [
  committed('.env', '.env', `API_KEY=${random.slice(0, 24)}\n`),
  committed('.env of a folder', 'app/.env.production', `export DB_PASSWORD="Tr0ub4dor&3x"\n`),
  committed('a GitHub token in a script', 'run.sh', `curl -H "x: ghp_${random.slice(0, 36)}"\n`),
  committed('a GitHub token in an example', '.env.example', `GITHUB_TOKEN=ghp_${random.slice(0, 36)}\n`),
  committed('an AWS key under another name', 'notes.txt', 'the id is AKIA' + 'Q7ZP2LX9VB4NC6KS\n'),
  committed('a Slack token', 'config.yaml', `a: xoxb-${random.slice(0, 24)}\n`),
  committed('an OpenAI key', 'main.py', `key = "sk-${random.slice(0, 40)}"\n`),
  committed('a private key', 'id_rsa', '-----BEGIN RSA ' + 'PRIVATE KEY-----\nabc\n'),
  committed('a URL with a password', 'settings.ini', `url=postgres://app:${random.slice(0, 12)}@db/app\n`),
  compose('Compose, as a map', `environment: {SENTRY_AUTH_TOKEN: ${random.slice(0, 20)}}`),
  compose('Compose, as a list', `environment: ["JWT_SECRET=${random.slice(0, 20)}"]`),
  devcontainer('containerEnv', { containerEnv: { API_TOKEN: random.slice(0, 20) } }),
  devcontainer('remoteEnv', { remoteEnv: { STRIPE_SECRET: random.slice(0, 20) } }),
  devcontainer('runArgs', { runArgs: ['-e', `API_KEY=${random.slice(0, 20)}`] }),
  client('a header of a client', '.mcp.json', {
    mcpServers: {
      gateway: { url: '${MCP_GATEWAY_URL}', headers: { Authorization: `Bearer ${random.slice(0, 24)}` } },
    },
  }),
  client('an option of a command', '.cursor/mcp.json', {
    mcpServers: { x: { command: 'x', args: ['--api-key', random.slice(0, 24)] } },
  }),
];

export const hostAccessProjects: readonly Project[] = [
  compose('host network', 'network_mode: host'),
  compose('host network by a variable', 'network_mode: "${NET:-host}"'),
  compose('privileged', 'privileged: true'),
  compose('processes of the host', 'pid: host'),
  compose('memory of the host', 'ipc: host'),
  compose('a strong capability', 'cap_add: [SYS_ADMIN]'),
  compose('every capability', 'cap_add: [ALL]'),
  compose('the socket', 'volumes: ["/var/run/docker.sock:/var/run/docker.sock"]'),
  compose('the socket, long form', 'volumes: [{type: bind, source: /run/podman/podman.sock, target: /x}]'),
  compose('the root of the host', 'volumes: ["/:/host"]'),
  devcontainer('runArgs --network=host', { runArgs: ['--network=host'] }),
  devcontainer('runArgs --net host', { runArgs: ['--net', 'host'] }),
  devcontainer('runArgs --privileged', { runArgs: ['--privileged'] }),
  devcontainer('privileged dev container', { privileged: true }),
  devcontainer('a mount of the socket', { mounts: ['source=/var/run/docker.sock,target=/x,type=bind'] }),
  devcontainer('the feature with the socket', {
    features: { 'ghcr.io/devcontainers/features/docker-outside-of-docker:1': {} },
  }),
];

export const cleanProjects: readonly Project[] = [
  { name: 'nothing', files: { 'README.md': '# Hello\n' } },
  compose('loopback', 'ports: ["127.0.0.1:8811:8811"]'),
  compose('loopback, IPv6', 'ports: ["[::1]:8811:8811"]'),
  compose('loopback, any port', 'ports: ["127.0.0.1::8811"]'),
  compose('loopback, long form', 'ports: [{target: 8811, host_ip: 127.0.0.1}]'),
  compose('ports inside alone', 'expose: ["8811"]'),
  {
    name: 'a web page of a project',
    files: { 'compose.yaml': 'services:\n  web:\n    image: nginx\n    ports: ["3000:3000"]\n' },
  },
  compose('a network of its own', 'networks: [default]'),
  compose('variables', 'environment: {API_KEY: "${API_KEY}", TOKEN: "${TOKEN:?set it}"}'),
  compose(
    'settings that sound like secrets',
    'environment: {SECRET_BACKEND: keychain, API_KEY: changeme, TOKEN_TTL: "3600"}',
  ),
  compose('a password of a test database', 'environment: {POSTGRES_PASSWORD: postgres}'),
  compose('a file with a secret', 'environment: {DB_PASSWORD_FILE: /run/secrets/Db1Password}'),
  compose('not privileged', 'privileged: false', 'cap_drop: [ALL]'),
  devcontainer('a debugger', { runArgs: ['--cap-add=SYS_PTRACE', '--security-opt', 'seccomp=unconfined'] }),
  devcontainer('forwarded ports', { forwardPorts: [3000, 8811], appPort: 8811 }),
  devcontainer('variables of the machine', { containerEnv: { TOKEN: '${localEnv:MY_TOKEN}' } }),
  client('the gateway', '.mcp.json', {
    mcpServers: {
      gateway: {
        type: 'http',
        url: '${MCP_GATEWAY_URL:-http://127.0.0.1:8811/mcp}',
        headers: { Authorization: 'Bearer ${MCP_GATEWAY_AUTH_TOKEN}' },
      },
    },
  }),
  client('the gateway by its name', '.vscode/mcp.json', {
    servers: { gateway: { url: 'http://mcp-gateway:8811/mcp' } },
  }),
  client('the gateway of OpenCode', 'opencode.json', {
    mcp: { gateway: { type: 'remote', url: '{env:MCP_GATEWAY_URL}' } },
  }),
  client('the bridge', '.cursor/mcp.json', {
    mcpServers: { gateway: { command: 'devcontainer-gateway', args: ['connect'] } },
  }),
  client('a server that is off', 'opencode.json', { mcp: { x: { command: ['x'], enabled: false } } }),
  committed(
    'an example',
    '.env.example',
    'SENTRY_API_KEY=your_sentry_key_here\nGITHUB_TOKEN=ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n',
  ),
  committed(
    'a documented key',
    'README.md',
    'Use AKIAIOSFODNN7EXAMPLE or postgres://user:password@host/db\n',
  ),
  committed(
    'code that names secrets',
    'main.ts',
    'const token = readToken(environment);\nconst password = input.password;\n',
  ),
  committed(
    'hashes of a lock file',
    'package-lock.json',
    '{"integrity": "sha512-q7Zp2Lx9Vb4Nc6Ks1Wd8Rt3Yf5Hg0JmAe=="}\n',
  ),
  committed('an address of a manual', 'README.md', 'Run it with postgres://user:pass@localhost:5432/app\n'),
  committed(
    'the sample of a web token',
    'docs/tokens.md',
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIn0.x\n',
  ),
  committed(
    'code that looks for a private key',
    'keys.ts',
    "if (!key.startsWith('-----BEGIN PRIVATE KEY-----')) throw new Error('no key');\n",
  ),
  committed('an id that ends as a token begins', 'ids.txt', 'task-9f86d081884c7d659a2feaa0c55ad015a1b2\n'),
  committed(
    'settings beside secrets',
    'app.env',
    'AWS_SECRETSMANAGER_REGION=us-east-1\nTOKENIZER_MODEL=Xenova/gpt-4-turbo\nAPI_KEY="encrypted:BDqDq7Zp2Lx9Vb4"\n',
  ),
  compose('a volume without a name', 'volumes: ["/run", "/etc"]'),
  devcontainer('a firewall in the container', { runArgs: ['--cap-add=NET_ADMIN', '--cap-add=NET_RAW'] }),
  client('the gateway at a port of its own', '.cursor/mcp.json', {
    mcpServers: {
      gateway: {
        url: 'http://127.0.0.1:9000/mcp',
        headers: { Authorization: 'Bearer ${env:MCP_GATEWAY_AUTH_TOKEN}' },
      },
    },
  }),
];
