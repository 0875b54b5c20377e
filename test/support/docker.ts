import { run, type RunResult } from '../../src/platform/run';

/** The images that `scripts/test-images.mjs` makes, as far as tests name them. */
export const testImages = {
  node: 'devcontainer-gateway-test/node:24',
  database: 'devcontainer-gateway-test/db:latest',
} as const;

/** Runs `docker` and returns its standard output; throws with its standard error when it fails. */
export async function docker(...args: string[]): Promise<string> {
  const result = await run('docker', args);
  if (result.code === 0) return result.stdout;
  throw new Error(`docker ${args.join(' ')} failed with status ${result.code}\n${result.stderr}`);
}

/** Runs `docker` where a failure is part of the test. */
export async function tryDocker(...args: string[]): Promise<RunResult> {
  return await run('docker', args);
}

/** What the engine holds of one Compose project. Each entry is an id or a name. */
export interface ProjectResources {
  containers: string[];
  networks: string[];
  volumes: string[];
  images: string[];
}

/** Everything that the engine holds of a Compose project, images built for it included. */
export async function projectResources(project: string): Promise<ProjectResources> {
  const filter = ['--filter', `label=com.docker.compose.project=${project}`];
  return {
    containers: lines(await docker('ps', '--all', '--quiet', ...filter)),
    networks: lines(await docker('network', 'ls', '--quiet', ...filter)),
    volumes: lines(await docker('volume', 'ls', '--quiet', ...filter)),
    images: lines(await docker('images', '--format', '{{.Repository}}:{{.Tag}}')).filter((name) =>
      imageNames(project).some((start) => name.startsWith(start)),
    ),
  };
}

/** How the names of a project's images start: those of Compose, and those that the Dev Containers CLI makes of them. */
function imageNames(project: string): string[] {
  return [`${project}-`, `${project}_`, `vsc-${project.replace(/_devcontainer$/, '')}-`];
}

/** Removes everything of a Compose project. */
export async function removeProject(project: string): Promise<void> {
  const { containers } = await projectResources(project);
  if (containers.length > 0) await tryDocker('rm', '--force', '--volumes', ...containers);
  const { networks, volumes, images } = await projectResources(project);
  if (networks.length > 0) await tryDocker('network', 'rm', ...networks);
  if (volumes.length > 0) await tryDocker('volume', 'rm', '--force', ...volumes);
  if (images.length > 0) await tryDocker('rmi', '--force', ...images);
  // What was built anew has lost its name.
  const nameless = ['--filter', 'dangling=true', '--filter', `label=com.docker.compose.project=${project}`];
  const old = lines(await docker('images', '--quiet', ...nameless));
  if (old.length > 0) await tryDocker('rmi', '--force', ...old);
}

/** The container of a service of a Compose project, or `undefined` when there is none. */
export async function containerOf(project: string, service: string): Promise<string | undefined> {
  const filters = [`project=${project}`, `service=${service}`].flatMap((label) => [
    '--filter',
    `label=com.docker.compose.${label}`,
  ]);
  return lines(await docker('ps', '--all', '--quiet', '--no-trunc', ...filters))[0];
}

/** The Compose projects on this engine whose name starts with `prefix`, stopped ones and left-over volumes included. */
export async function projectsStartingWith(prefix: string): Promise<string[]> {
  const format = ['--format', '{{.Label "com.docker.compose.project"}}'];
  const found = await Promise.all([
    docker('ps', '--all', ...format),
    docker('network', 'ls', ...format),
    docker('volume', 'ls', ...format),
  ]);
  const built = await docker('images', '--format', '{{.Repository}}');
  const fromImages = lines(built).map((name) =>
    name
      .replace(/^vsc-(.*)-[0-9a-f]{32,}(?:-uid)?$/, '$1_devcontainer')
      .replace(/[-_](?:app|mcp-gateway)$/, ''),
  );
  return [...new Set([...found.flatMap(lines), ...fromImages])].filter((name) => name.startsWith(prefix));
}

/** The lines of a text that hold something. */
export function lines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
