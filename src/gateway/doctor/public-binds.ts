import { sidecar } from '../../devcontainer/sidecar';
import { listOf, member, plain, type ProjectFile, runOptions, servicesOf } from './project-files';

const everyAddress = ['0.0.0.0', '::', '[::]', '*', '0', '[::0]', '::0'];

interface Bind {
  address: string | undefined;
  ports: string;
}

/** Ports that other machines reach: those bound to every address by name, and the gateway's bound to none in particular. */
export function publicBinds(file: ProjectFile): string[] {
  const services = servicesOf(file).flatMap(([name, service]) => {
    const isGateway = looksLikeGateway(name, service);
    return listOf(service['ports'])
      .map(bindOf)
      .filter((bind) => isPublic(bind, isGateway))
      .map(({ ports }) => `${file.name}: the service ${name} publishes ${ports} to every network`);
  });
  return [...services, ...publishedByDevContainer(file)];
}

function publishedByDevContainer(file: ProjectFile): string[] {
  if (file.kind !== 'devcontainer') return [];
  const options = runOptions(file);
  const published = options
    .filter(({ option }) => option === '-p' || option === '--publish')
    .map(({ value }) => ({ where: 'runArgs', bind: bindOf(value) }));
  // A number is published on loopback, a text as `docker run -p` takes it.
  const appPorts = listOf(member(file.value, 'appPort')).flatMap((port) =>
    typeof port === 'string' && port.includes(':') ? [{ where: 'appPort', bind: bindOf(port) }] : [],
  );
  const all = options.some(({ option }) => option === '-P' || option === '--publish-all')
    ? [`${file.name}: runArgs publishes every port to every network`]
    : [];
  const binds = [...published, ...appPorts].filter(({ bind }) => isPublic(bind, false));
  return [
    ...binds.map(({ where, bind }) => `${file.name}: ${where} publishes ${bind.ports} to every network`),
    ...all,
  ];
}

function isPublic({ address, ports }: Bind, isGateway: boolean): boolean {
  if (address !== undefined) return everyAddress.includes(address);
  return isGateway || coversGateway(ports);
}

/** `[ADDRESS:][HOST:]CONTAINER[/PROTOCOL]`, or Compose's long form. */
function bindOf(entry: unknown): Bind {
  const long = member(entry, 'target');
  if (long !== undefined) {
    const address = plain(member(entry, 'host_ip'));
    const ports = [plain(member(entry, 'published')), plain(long)].filter((part) => part !== '');
    return { address: address === '' ? undefined : address, ports: ports.join(':') };
  }
  const text = plain(entry).split('/')[0] ?? '';
  const end = text.startsWith('[') ? text.indexOf(']') + 1 : -1;
  if (end > 0) return { address: text.slice(0, end), ports: text.slice(end + 1) };
  const parts = text.split(':');
  if (parts.length < 3) return { address: undefined, ports: text };
  const address = parts.slice(0, -2).join(':');
  return { address: address === '' ? undefined : address, ports: parts.slice(-2).join(':') };
}

function coversGateway(ports: string): boolean {
  return ports.split(':').some((part) => {
    const [first = '', last = first] = part.split('-');
    return part !== '' && Number(first) <= sidecar.port && sidecar.port <= Number(last);
  });
}

function looksLikeGateway(name: string, service: Record<string, unknown>): boolean {
  const words = [
    name,
    plain(service['image']),
    plain(service['container_name']),
    ...listOf(service['command']).map(plain),
  ];
  return words.some((word) => /mcp/i.test(word.slice(0, 1000)));
}
