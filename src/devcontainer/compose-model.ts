import * as v from 'valibot';
import { AppError, systemCode } from '../platform/errors';
import { readRepositoryFile } from '../platform/files';
import { run } from '../platform/run';
import { sentence } from '../platform/sentence';
import { readComposeFiles } from './compose-files';
import type { ComposeModel, ComposeService } from './compose-project';
import type { ComposeDevContainer } from './read';

const resolvedDocument = v.looseObject({
  services: v.record(
    v.string(),
    v.looseObject({
      networks: v.optional(v.record(v.string(), v.unknown())),
      network_mode: v.optional(v.string()),
      volumes: v.optional(
        v.array(
          v.looseObject({ type: v.string(), source: v.optional(v.string()), target: v.optional(v.string()) }),
        ),
      ),
    }),
  ),
  networks: v.optional(
    v.record(v.string(), v.nullable(v.looseObject({ external: v.optional(v.unknown()) }))),
  ),
});

/**
 * The project of a dev container without our own file: resolved by Compose when its command is there, which knows
 * `include` and everything else, else from our own reading, and a note says so. Only then is a file that we cannot read
 * an error. The resolved text holds the values of environment files and is never logged. When the signal aborts, Compose
 * is ended and the signal's reason thrown.
 */
export async function readComposeModel(
  container: ComposeDevContainer,
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<{ model: ComposeModel; notes: string[] }> {
  for (const file of container.userComposeFiles) {
    // Compose itself would wait for a pipe, or read a device without end.
    if ((await readRepositoryFile(file)) !== undefined) continue;
    throw new AppError('not-found', `${container.configPath} names ${file}, which does not exist.`, {
      next: 'Correct dockerComposeFile and run the command again.',
    });
  }
  const resolved = await resolveWithCompose(container, env, signal);
  const { model, notes } =
    'model' in resolved
      ? await withWrittenSources(resolved.model, container, env)
      : { model: await readOurselves(container, env), notes: [resolved.failure] };
  if (model.services[container.service] === undefined) {
    throw new AppError('invalid-file', `No Compose file has the service ${container.service}.`, {
      next: `Correct "service" in ${container.configPath} or add the service.`,
      location: { file: container.configPath },
    });
  }
  return { model, notes };
}

/** A file that Compose follows, such as an environment file, can be a pipe that nobody writes to. */
const composeMs = 60_000;

/** What Compose makes of the files, or why it makes nothing of them, as a note without any value of the files. */
async function resolveWithCompose(
  container: ComposeDevContainer,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal | undefined,
): Promise<{ model: ComposeModel } | { failure: string }> {
  const files = container.userComposeFiles.flatMap((file) => ['-f', file]);
  const envFile = container.composeEnvFile === undefined ? [] : ['--env-file', container.composeEnvFile];
  const args = ['compose', ...files, ...envFile, '--profile', '*', 'config'];
  const failed = (why: string): { failure: string } => ({
    failure: `The Compose files were read without Compose, so "include" is not followed: ${why}`,
  });
  const { workspace } = container;
  const limit = AbortSignal.timeout(composeMs);
  const options = { cwd: workspace, env, signal: AbortSignal.any([limit, ...(signal ? [signal] : [])]) };
  const result = await run('docker', [...args, '--format', 'json'], options).catch(systemCode);
  signal?.throwIfAborted();
  if (limit.aborted) return failed(`Compose did not answer within ${composeMs / 1000} seconds.`);
  if (result === undefined || typeof result === 'string')
    return failed(`docker cannot be started (${result ?? 'unknown error'}).`);
  if (result.code !== 0) {
    // Its own words can hold values of environment files.
    const command = ['docker', ...args, '--quiet'].map(quoted).join(' ');
    return failed(
      `Compose ended with exit code ${result.code}. To see why, run \`${command}\` in ${workspace}.`,
    );
  }
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), resolvedDocument), result.stdout);
  return parsed.success
    ? { model: modelOf(parsed.output) }
    : failed('this version of Compose answers in another format.');
}

function quoted(text: string): string {
  return /^[\w./:@=-]+$/.test(text) ? text : `'${text}'`;
}

async function readOurselves(container: ComposeDevContainer, env: NodeJS.ProcessEnv): Promise<ComposeModel> {
  const { projectDir, composeEnvFile: envFile } = container;
  return await readComposeFiles(container.userComposeFiles, { projectDir, envFile }, env);
}

function modelOf(document: v.InferOutput<typeof resolvedDocument>): ComposeModel {
  const services: Record<string, ComposeService> = {};
  for (const [name, service] of Object.entries(document.services)) {
    services[name] = {
      networks: Object.keys(service.networks ?? { default: null }),
      networkMode: service.network_mode,
      volumes: (service.volumes ?? []).flatMap(({ type, source, target }) =>
        target === undefined ? [] : [{ type, source, target }],
      ),
    };
  }
  const networks = Object.entries(document.networks ?? {});
  return {
    services,
    externalNetworks: networks.flatMap(([name, network]) =>
      network?.external === undefined || network.external === false ? [] : [name],
    ),
  };
}

/** A source with a variable in it must stay as it is written: another person's value differs. */
async function withWrittenSources(
  resolved: ComposeModel,
  container: ComposeDevContainer,
  env: NodeJS.ProcessEnv,
): Promise<{ model: ComposeModel; notes: string[] }> {
  let read: ComposeModel;
  try {
    read = await readOurselves(container, env);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const note = sentence(
      `The sources of mounts are written with the values that their variables have here: ${error.message}`,
    );
    return { model: resolved, notes: [note] };
  }
  const services = Object.entries(resolved.services).map(([name, service]): [string, ComposeService] => {
    const volumes = service.volumes.map((mount) => {
      const written = read.services[name]?.volumes.find((other) => other.target === mount.target)?.written;
      return written === undefined ? mount : { ...mount, written };
    });
    return [name, { ...service, volumes }];
  });
  return { model: { ...resolved, services: Object.fromEntries(services) }, notes: [] };
}
