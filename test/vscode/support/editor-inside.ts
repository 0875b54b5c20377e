import path from 'node:path';
import type { DevContainer } from '../../support/dev-container';
import { docker } from '../../support/docker';
import { eventually, longPatienceMs } from '../../support/eventually';
import { forward } from '../../support/forwarder';
import { programs, settings, type EditorServer } from './editor';

const port = 8765;
const tools = '/opt/editor-tools';

/** Where the editor's server keeps its data in the container. */
export const insideData = '/tmp/editor-data';

/** The option of `devcontainer up` that lends the editor's programs to the container. */
export const toolsMount = ['--mount', `type=bind,source=${toolsRoot()},target=${tools}`];

/** Starts VS Code's server inside a dev container, with the packaged extension, and makes it reachable by loopback. */
export async function startInside(container: DevContainer, vsix: string): Promise<EditorServer> {
  const app = await container.container('app');
  const [node, entry] = [inside(programs.node), inside(programs.entry)];
  await docker('cp', vsix, `${app}:/tmp/extension.vsix`);
  const settingsFile = `${insideData}/User/settings.json`;
  const write = `mkdir -p ${path.posix.dirname(settingsFile)} && printf %s "$0" > ${settingsFile}`;
  await docker('exec', app, 'sh', '-c', write, JSON.stringify(settings));
  const folders = ['--extensions-dir', '/tmp/editor-extensions', '--user-data-dir', insideData];
  await docker('exec', app, node, entry, '--install-extension', '/tmp/extension.vsix', ...folders);
  const open = ['--auth', 'none', '--bind-addr', `0.0.0.0:${port}`, '--disable-workspace-trust'];
  await docker(
    'exec',
    '--detach',
    app,
    node,
    entry,
    ...open,
    '--disable-telemetry',
    '--disable-update-check',
    ...folders,
  );
  const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}';
  const [address = ''] = (await docker('inspect', '--format', format, app)).trim().split(' ');
  // The browser trusts loopback only, so the container's port is forwarded.
  const way = await forward({ host: address, port });
  const url = `http://127.0.0.1:${way.port}`;
  await eventually(
    async () => (await fetch(`${url}/healthz`)).ok,
    'the editor inside listening',
    longPatienceMs,
  );
  return { url, stop: async () => await way.stop() };
}

/** The folder that holds both programs. */
function toolsRoot(): string {
  const [first, second] = [programs.node.split(path.sep), programs.entry.split(path.sep)];
  const end = first.findIndex((part, at) => part !== second[at]);
  return first.slice(0, end).join(path.sep);
}

function inside(file: string): string {
  return path.join(tools, path.relative(toolsRoot(), file));
}
