// The Docker engine of a test machine: installed from the distribution's packages, started and stopped by hand.
import { spawn } from 'node:child_process';
import { existsSync, openSync } from 'node:fs';
import { mkdtemp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cacheFolder } from './cache.mjs';
import { mustRun, run, succeeds } from './process.mjs';

/** How long an engine may take to answer, to start or to end; a busy machine is no reason to give it up. */
const answerMs = 60_000;
const patienceMs = 300_000;
const pidFile = '/var/run/docker.pid';
/** The Debian release whose Compose and Buildx packages also install on the one before it. */
const donorRelease = 'trixie';
const aptEnvironment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };

/** Whether an engine answers. A client alone proves nothing. */
export async function engineAnswers() {
  const version = await run('docker', ['version', '--format', '{{.Server.Version}}'], {
    timeoutMs: answerMs,
  });
  return version.code === 0 && version.stdout.trim() !== '';
}

/** Whether Docker Compose v2 and Buildx are there, as `docker compose` and `docker buildx`. */
export async function pluginsAnswer() {
  const compose = await run('docker', ['compose', 'version', '--short']);
  return compose.code === 0 && (await succeeds('docker', ['buildx', 'version']));
}

/** Installs the packages of the distribution that are missing (Debian and its derivatives; root). */
export async function aptInstall(packages) {
  const missing = [];
  for (const name of packages) {
    const status = await run('dpkg-query', ['-W', '-f', '${db:Status-Status}', name]);
    if (status.stdout !== 'installed') missing.push(name);
  }
  if (missing.length === 0) return;
  const install = ['install', '-y', '--no-install-recommends', ...missing];
  if (await succeeds('apt-get', install, { env: aptEnvironment })) return;
  await mustRun('apt-get', ['update'], { env: aptEnvironment });
  await mustRun('apt-get', install, { env: aptEnvironment });
}

/** Starts `dockerd` unless an engine answers. Returns a function that stops what was started, or `undefined`. */
export async function startEngine() {
  if (await engineAnswers()) return undefined;
  await removeStalePidFile();
  const log = openSync('/var/log/dockerd.log', 'a');
  const child = spawn('dockerd', [], { detached: true, stdio: ['ignore', log, log] });
  let failure;
  child.on('error', (error) => (failure = error.message));
  child.on('exit', (code) => (failure = `dockerd ended with status ${code}; see /var/log/dockerd.log`));
  child.unref();
  for (const deadline = Date.now() + patienceMs; Date.now() < deadline;) {
    if (await engineAnswers()) return async () => await stopEngine();
    if (failure !== undefined) throw new Error(failure);
    await delay(250);
  }
  throw new Error('dockerd did not answer within five minutes; see /var/log/dockerd.log');
}

/** Ends the engine named by the pid file and waits until it is gone. */
export async function stopEngine() {
  const pid = await runningPid();
  if (pid === undefined) return;
  process.kill(pid, 'SIGTERM');
  for (const deadline = Date.now() + patienceMs; Date.now() < deadline;) {
    if (!(await alive(pid))) return;
    await delay(250);
  }
  throw new Error(`dockerd (process ${pid}) did not end within five minutes`);
}

/** Installs Compose v2 and Buildx: from the distribution when it has them, else from the release after it. */
export async function installPlugins() {
  if (await pluginsAnswer()) return;
  const policy = await run('apt-cache', ['policy', 'docker-compose', 'docker-buildx']);
  const candidates = [...policy.stdout.matchAll(/Candidate: (\S+)/g)].map((match) => match[1]);
  if (candidates.length === 2 && /^(\d+:)?2\./.test(candidates[0]) && !candidates.includes('(none)')) {
    await aptInstall(['docker-compose', 'docker-buildx']);
  } else {
    const folder = await cacheFolder('packages');
    const packages = await downloadedPackages(folder);
    await mustRun('dpkg', ['-i', ...packages], { env: aptEnvironment });
  }
  if (!(await pluginsAnswer()))
    throw new Error('docker compose or docker buildx does not answer after its installation');
}

async function downloadedPackages(folder) {
  const names = ['docker-compose', 'docker-buildx'];
  const find = async () =>
    names.map((name) => readdir(folder).then((files) => files.find((file) => file.startsWith(`${name}_`))));
  let files = await Promise.all(await find());
  if (files.includes(undefined)) {
    await downloadFromDonor(folder, names);
    files = await Promise.all(await find());
  }
  return files.map((file) => path.join(folder, file));
}

/** Downloads packages of the donor release, from the package sources that this machine already uses. */
async function downloadFromDonor(folder, names) {
  const work = await mkdtemp(path.join(os.tmpdir(), 'mcpt-apt-'));
  try {
    const parts = path.join(work, 'sources');
    const lists = path.join(work, 'lists');
    await mkdir(parts);
    await mkdir(path.join(lists, 'partial'), { recursive: true });
    await writeDonorSources(parts);
    const options = [
      'Dir::Etc::sourcelist=/dev/null',
      `Dir::Etc::sourceparts=${parts}`,
      `Dir::State::Lists=${lists}`,
    ];
    const flags = [...options, 'APT::Sandbox::User=root'].flatMap((option) => ['-o', option]);
    await mustRun('apt-get', [...flags, 'update']);
    await mustRun('apt-get', [...flags, 'download', ...names], { cwd: folder });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function writeDonorSources(folder) {
  const release = /^VERSION_CODENAME=(.*)$/m.exec(await readFile('/etc/os-release', 'utf8'))?.[1];
  if (!release)
    throw new Error('/etc/os-release names no release: install Docker Compose v2 and Buildx by hand');
  const own = ['/etc/apt/sources.list'];
  for (const name of await readdir('/etc/apt/sources.list.d')) {
    if (/\.(list|sources)$/.test(name)) own.push(path.join('/etc/apt/sources.list.d', name));
  }
  for (const file of own.filter((candidate) => existsSync(candidate))) {
    const text = await readFile(file, 'utf8');
    if (!new RegExp(`\\b${release}\\b`).test(text)) continue;
    await writeFile(
      path.join(folder, path.basename(file)),
      text.replaceAll(new RegExp(`\\b${release}\\b`, 'g'), donorRelease),
    );
  }
}

async function removeStalePidFile() {
  if (existsSync(pidFile) && (await runningPid()) === undefined) await rm(pidFile, { force: true });
}

async function runningPid() {
  const pid = Number(await readFile(pidFile, 'utf8').catch(() => ''));
  if (!Number.isInteger(pid) || pid <= 0 || !(await alive(pid))) return undefined;
  const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
  return name.trim() === 'dockerd' ? pid : undefined;
}

/** Whether a process runs. One that has ended and that nobody has waited for does not. */
async function alive(pid) {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat !== '' && !/^\d+ \(.*\) [ZX]/s.test(stat);
}
