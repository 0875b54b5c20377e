import { isRecord } from '../../platform/jsonc/jsonc';
import { listOf, member, plain, type ProjectFile, runOptions, servicesOf } from './project-files';

const hostSpaces = {
  network_mode: 'network',
  pid: 'processes',
  ipc: 'memory',
  userns_mode: 'users',
  uts: 'names',
  cgroup: 'control groups',
};
/**
 * Capabilities with which a process gets out of its container, or reads all traffic. A debugger's SYS_PTRACE and a
 * firewall's NET_ADMIN reach the container alone.
 */
const strongCapabilities = ['ALL', 'SYS_ADMIN', 'SYS_MODULE', 'SYS_RAWIO', 'DAC_READ_SEARCH', 'BPF'];
const sockets = ['docker.sock', 'podman.sock', 'containerd.sock', 'crio.sock'];
const optionSpaces: Readonly<Record<string, string>> = {
  '--network': 'network',
  '--net': 'network',
  '--pid': 'processes',
  '--ipc': 'memory',
  '--userns': 'users',
  '--uts': 'names',
  '--cgroupns': 'control groups',
};

/** Containers that have the host's network, its engine, or rights like the host's. */
export function hostAccess(file: ProjectFile): string[] {
  const services = servicesOf(file).flatMap(([name, service]) =>
    ofService(service).map((what) => `${file.name}: the service ${name} ${what}`),
  );
  return [...services, ...ofDevContainer(file).map((what) => `${file.name}: the dev container ${what}`)];
}

function ofService(service: Record<string, unknown>): string[] {
  const spaces = Object.entries(hostSpaces).flatMap(([key, what]) =>
    plain(service[key]) === 'host' ? [`shares the host's ${what} (${key})`] : [],
  );
  const networks = member(service, 'networks');
  const names = isRecord(networks) ? Object.keys(networks) : listOf(networks).map(plain);
  return [
    ...spaces,
    ...(names.includes('host') ? ["shares the host's network (networks)"] : []),
    ...(plain(service['privileged']) === 'true' ? ['is privileged'] : []),
    ...(plain(service['use_api_socket']) === 'true' ? ['has the socket of the engine'] : []),
    ...capabilities(service['cap_add']),
    ...mounts(service['volumes']),
    ...(plain(member(service, 'build', 'network')) === 'host' ? ["is built in the host's network"] : []),
  ];
}

function ofDevContainer(file: ProjectFile): string[] {
  if (file.kind !== 'devcontainer') return [];
  const features = member(file.value, 'features');
  const names = isRecord(features) ? Object.keys(features) : [];
  const options = runOptions(file).flatMap(({ option, value }) => {
    const space = optionSpaces[option];
    if (space !== undefined && value === 'host') return [`shares the host's ${space} (runArgs)`];
    if (option === '--privileged' && value !== 'false') return ['is privileged (runArgs)'];
    if (option === '--cap-add') return capabilities([value]);
    return ['-v', '--volume', '--mount'].includes(option) ? mounts([value]) : [];
  });
  return [
    ...(member(file.value, 'privileged') === true ? ['is privileged'] : []),
    ...capabilities(member(file.value, 'capAdd')),
    ...mounts(member(file.value, 'mounts')),
    ...mounts(member(file.value, 'workspaceMount')),
    ...options,
    ...(names.some((name) => name.includes('docker-outside-of-docker'))
      ? ['has the socket of the engine (docker-outside-of-docker)']
      : []),
    ...(names.some((name) => name.includes('docker-in-docker')) ? ['is privileged (docker-in-docker)'] : []),
  ];
}

function capabilities(list: unknown): string[] {
  const names = listOf(list).map((name) => plain(name).toUpperCase().replace(/^CAP_/, ''));
  return names
    .filter((name) => strongCapabilities.includes(name))
    .map((name) => `has the capability ${name}`);
}

function mounts(list: unknown): string[] {
  return listOf(list).flatMap((mount) => {
    const source = sourceOf(mount);
    if (sockets.some((socket) => source.endsWith(socket))) return ['has the socket of the engine'];
    return source === '/' || source === '/var/run' || source === '/run' || source === '/etc'
      ? [`has the folder ${source} of the host`]
      : [];
  });
}

function sourceOf(mount: unknown): string {
  if (isRecord(mount)) return plain(mount['source'] ?? mount['src']);
  const text = plain(mount);
  const named = text.split(',').find((part) => part.startsWith('source=') || part.startsWith('src='));
  if (named !== undefined) return named.slice(named.indexOf('=') + 1);
  // Without a colon it is a volume without a name: the path is in the container.
  return text.includes(':') ? (text.split(':')[0] ?? '') : '';
}
