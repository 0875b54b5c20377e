// The images of the Docker tests. As a program: `node scripts/test-images.mjs [--remove]`.
import { cp, link, mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { createHash } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from './lib/cache.mjs';
import { mustRun, run, succeeds } from './lib/process.mjs';
import { aiClients, node24, npmPackage } from './lib/tools.mjs';

const recipes = fileURLToPath(new URL('../test/support/images/', import.meta.url));
/** Every image of the tests has a name of their own: what a person calls `node:24-bookworm-slim` is not looked at. */
const repository = 'devcontainer-gateway-test';
const nodeImage = `${repository}/node:24`;
const debianImage = `${repository}/debian:bookworm`;
const devContainerImage = `${repository}/devcontainer:latest`;
const databaseImage = `${repository}/db:latest`;
const recipeLabel = 'io.devcontainer-gateway.test-image';
const hostCertificates = '/etc/ssl/certs/ca-certificates.crt';
const debianPackages = ['ca-certificates', 'git', 'iproute2', 'procps'];
/** From the registry, or else made here. */
const nodeRecipes = { public: 'node-public.Dockerfile', standIn: 'node-stand-in.Dockerfile' };

/** Makes the images that are missing. Nothing is done for an image that is current. */
export async function prepareImages(log = console.error) {
  await prepareNodeImage(log);
  await prepareDevContainerImage(log);
  await mustRun('docker', ['tag', nodeImage, databaseImage]);
}

/** Removes what `prepareImages` made. */
export async function removeImages() {
  for (const image of [devContainerImage, databaseImage, nodeImage, debianImage])
    await run('docker', ['rmi', '--force', image]);
}

/** Node on Debian with the user `node`, as the public image is: sidecars and the dev container are built on it. */
async function prepareNodeImage(log) {
  const label = shortHash((await Promise.all(Object.values(nodeRecipes).map(hashOf))).join());
  if ((await labelOf(nodeImage)) === label) return;
  log(`images: building ${nodeImage}`);
  try {
    // The registry is asked, so that an image of that name that a person has made here is not taken for the public one.
    await build(nodeImage, nodeRecipes.public, { label, options: ['--pull'] });
  } catch (error) {
    log(`images: the public image cannot be had, a stand-in is made (${lastLine(error.message)})`);
    await buildStandIn(label, log);
  }
}

async function buildStandIn(label, log) {
  if (!(await hasImage(debianImage))) await importDebian(log);
  const node = path.join(await node24(), 'node');
  const fill = async (context) => {
    await link(node, path.join(context, 'node')).catch(
      async () => await cp(node, path.join(context, 'node')),
    );
    await cp(await npmPackage(), path.join(context, 'npm'), { recursive: true });
  };
  await build(nodeImage, nodeRecipes.standIn, { label, fill });
}

async function prepareDevContainerImage(log) {
  const label = shortHash((await idOf(nodeImage)) + (await hashOf('devcontainer.Dockerfile')));
  if ((await labelOf(devContainerImage)) === label) return;
  log(`images: building ${devContainerImage}`);
  const clients = await aiClients();
  const fill = async (context) => await copyTree(clients, path.join(context, 'clients'));
  await build(devContainerImage, 'devcontainer.Dockerfile', { label, fill });
}

/** Builds an image from a recipe and the files that `fill` puts into the context, and labels it. */
async function build(tag, recipe, { label, fill, options = [] }) {
  const context = await mkdtemp(path.join(os.tmpdir(), 'mcpt-image-'));
  try {
    await fill?.(context);
    if (!existsSync(hostCertificates))
      throw new Error(`${hostCertificates} is missing: install ca-certificates`);
    await cp(hostCertificates, path.join(context, 'ca-certificates.crt'), { dereference: true });
    const args = ['build', '--quiet', '--label', `${recipeLabel}=${label}`, '--tag', tag, ...options];
    // Unlike the builder before it, BuildKit moves no name on this machine when it asks a registry.
    const env = { ...process.env, DOCKER_BUILDKIT: '1' };
    await mustRun('docker', [...args, '--file', path.join(recipes, recipe), context], { env });
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

/** Imports a minimal Debian, made once by debootstrap and kept as an archive in the cache. */
async function importDebian(log) {
  const archive = path.join(await cacheFolder('images'), `debian-bookworm-${debianPackages.join('-')}.tar`);
  if (!existsSync(archive)) await makeDebianArchive(archive, log);
  await mustRun('docker', ['import', '--change', 'CMD ["/bin/bash"]', archive, debianImage]);
}

async function makeDebianArchive(archive, log) {
  log('images: making a Debian base with debootstrap (about a minute, once)');
  if (process.getuid?.() !== 0 || !(await succeeds('debootstrap', ['--version']))) {
    throw new Error(
      'the public image of Node cannot be pulled and no stand-in can be made: that needs root and debootstrap',
    );
  }
  const work = await mkdtemp(path.join(os.tmpdir(), 'mcpt-debian-'));
  try {
    const include = `--include=${debianPackages.join(',')}`;
    const mirror = await debianMirror();
    await mustRun('debootstrap', [
      '--variant=minbase',
      include,
      'bookworm',
      work,
      ...(mirror ? [mirror] : []),
    ]);
    await rm(path.join(work, 'var/cache/apt/archives'), { recursive: true, force: true });
    await mkdir(path.join(work, 'var/cache/apt/archives/partial'), { recursive: true });
    await mustRun('tar', ['-C', work, '--exclude=./dev/*', '-cf', `${archive}.partial`, '.']);
    await rename(`${archive}.partial`, archive);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The package mirror that this machine itself uses, when it is a Debian. */
async function debianMirror() {
  for (const file of ['/etc/apt/sources.list.d/debian.sources', '/etc/apt/sources.list']) {
    const text = await readFile(file, 'utf8').catch(() => '');
    const match = /^(?:URIs:|deb(?:\s+\[[^\]]*\])?)\s+(https?:\S*\/debian\/?)(?:\s|$)/m.exec(text);
    if (match) return match[1];
  }
  return undefined;
}

async function copyTree(from, to) {
  if (!(await stat(from)).isDirectory()) throw new Error(`${from} is not a folder`);
  await mustRun('cp', ['-a', '--reflink=auto', from, to]);
}

async function hasImage(tag) {
  return await succeeds('docker', ['image', 'inspect', tag]);
}

async function idOf(tag) {
  return (await mustRun('docker', ['image', 'inspect', '--format', '{{.Id}}', tag])).trim();
}

async function labelOf(tag) {
  const format = `{{index .Config.Labels "${recipeLabel}"}}`;
  return (await run('docker', ['image', 'inspect', '--format', format, tag])).stdout.trim();
}

async function hashOf(recipe) {
  return shortHash(await readFile(path.join(recipes, recipe)));
}

function shortHash(content) {
  return createHash('sha256').update(content).digest('hex').slice(0, 16);
}

function lastLine(text) {
  return text.trim().split('\n').at(-1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--remove')) await removeImages();
  else await prepareImages();
}
