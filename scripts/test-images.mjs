// The images of the Docker tests. As a program: `node scripts/test-images.mjs [--remove]`.
import { cp, link, mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { existsSync, readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from './lib/cache.mjs';
import { mustRun, run, succeeds } from './lib/process.mjs';
import { aiClients, node24, npmPackage } from './lib/tools.mjs';

const recipes = fileURLToPath(new URL('../test/support/images/', import.meta.url));
/** The public image that sidecars are built on; a stand-in takes its name only where it cannot be pulled. */
const nodeImage = 'node:24-bookworm-slim';
const debianImage = 'mcpt-debian:bookworm';
const devContainerImage = 'mcp-test-devcontainer:latest';
const databaseImage = 'mcp-test-db:latest';
const standInLabel = 'io.devcontainer-gateway.test-image';
const hostCertificates = '/etc/ssl/certs/ca-certificates.crt';
const debianPackages = ['ca-certificates', 'git', 'iproute2', 'procps'];

/** Makes the images that are missing. Nothing is done for an image that is current. */
export async function prepareImages(log = console.error) {
  if (
    !(await hasImage(nodeImage)) &&
    !(await succeeds('docker', ['pull', '--quiet', nodeImage], { timeoutMs: 300_000 }))
  ) {
    await prepareNodeStandIn(log);
  }
  await prepareDevContainerImage(log);
  if (!(await hasImage(databaseImage))) await mustRun('docker', ['tag', nodeImage, databaseImage]);
}

/** Removes what `prepareImages` made, and never an image that was there before or was pulled. */
export async function removeImages() {
  const ours = [devContainerImage, databaseImage];
  if ((await labelOf(nodeImage)) !== '') ours.push(nodeImage);
  ours.push(debianImage);
  for (const image of ours) await run('docker', ['rmi', '--force', image]);
}

async function prepareNodeStandIn(log) {
  if (!(await hasImage(debianImage))) await importDebian(log);
  log(`images: ${nodeImage} cannot be pulled; making a stand-in`);
  const node = path.join(await node24(), 'node');
  await build(nodeImage, 'node.Dockerfile', async (context) => {
    await link(node, path.join(context, 'node')).catch(
      async () => await cp(node, path.join(context, 'node')),
    );
    await cp(await npmPackage(), path.join(context, 'npm'), { recursive: true });
  });
}

async function prepareDevContainerImage(log) {
  const current = (await idOf(nodeImage)) + (await hashOf('devcontainer.Dockerfile'));
  const label = createHash('sha256').update(current).digest('hex').slice(0, 16);
  if ((await labelOf(devContainerImage)) === label) return;
  log(`images: building ${devContainerImage}`);
  const clients = await aiClients();
  await build(
    devContainerImage,
    'devcontainer.Dockerfile',
    async (context) => {
      await copyTree(clients, path.join(context, 'clients'));
    },
    label,
  );
}

/** Builds an image from a recipe and the files that `fill` puts into the context. */
async function build(tag, recipe, fill, label = 'stand-in') {
  const context = await mkdtemp(path.join(os.tmpdir(), 'mcpt-image-'));
  try {
    await fill(context);
    const certificates = existsSync(hostCertificates) ? readFileSync(hostCertificates) : undefined;
    if (certificates === undefined)
      throw new Error(`${hostCertificates} is missing: install ca-certificates`);
    await cp(hostCertificates, path.join(context, 'ca-certificates.crt'), { dereference: true });
    const args = ['build', '--quiet', '--label', `${standInLabel}=${label}`, '--tag', tag];
    await mustRun('docker', [...args, '--file', path.join(recipes, recipe), context]);
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
      `${nodeImage} cannot be pulled and no stand-in can be made: that needs root and debootstrap`,
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
  const format = `{{index .Config.Labels "${standInLabel}"}}`;
  return (await run('docker', ['image', 'inspect', '--format', format, tag])).stdout.trim();
}

async function hashOf(recipe) {
  return createHash('sha256')
    .update(await readFile(path.join(recipes, recipe)))
    .digest('hex');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--remove')) await removeImages();
  else await prepareImages();
}
