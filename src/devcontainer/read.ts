import path from 'node:path';
import type { Environment } from '../platform/environment';
import * as v from 'valibot';
import { AppError, ParseError } from '../platform/errors';
import { exists, readRepositoryFile } from '../platform/files';
import { decodeText, locationOf, parseJsoncObject, type SourceText } from '../platform/jsonc/jsonc';
import { dotEnvValue } from './dot-env';
import { replaceBraced } from './interpolate';
import { composeProjectName } from './project-name';
import { sidecar } from './sidecar';

interface Common {
  /** The folder that is opened; absolute. */
  workspace: string;
  /** The devcontainer.json; absolute. */
  configPath: string;
  /** Its folder, where our files go; absolute. */
  configDir: string;
  /** Its text as it was read. */
  source: SourceText;
  name: string | undefined;
}

/** A dev container that is one service of a Compose project. */
export interface ComposeDevContainer extends Common {
  kind: 'compose';
  /** Every Compose file in order, absolute; ours among them once wired. */
  composeFiles: string[];
  /** The same without ours. */
  userComposeFiles: string[];
  /** How `dockerComposeFile` is written; an empty list stands for Compose's default files. */
  composeFileForm: 'string' | 'array' | 'defaults';
  /** Relative paths of every Compose file resolve against this folder: the one of the first file. */
  projectDir: string;
  projectName: string;
  /** `--env-file` for Compose, as the Dev Containers CLI passes it; only for the default files. */
  composeEnvFile: string | undefined;
  /** The service that is the dev container. */
  service: string;
  /** The workspace inside the container, variables replaced. */
  workspaceFolder: string;
  /** The same with `*` for each variable, when it has any: another clone has another path. */
  workspaceFolderPattern: string | undefined;
  /** As written; `undefined` when the key is absent, which starts every service. */
  runServices: string[] | undefined;
  /** Whether `dockerComposeFile` lists our file. */
  wired: boolean;
}

/** A dev container that is made from an image or a Dockerfile, without Compose. */
interface SingleDevContainer extends Common {
  kind: 'image' | 'dockerfile';
}

export type DevContainer = ComposeDevContainer | SingleDevContainer;

const configuration = v.looseObject({
  name: v.optional(v.string()),
  dockerComposeFile: v.optional(v.union([v.string(), v.array(v.string())])),
  service: v.optional(v.string()),
  workspaceFolder: v.optional(v.string()),
  runServices: v.optional(v.array(v.string())),
  image: v.optional(v.string()),
  dockerFile: v.optional(v.string()),
  build: v.optional(v.looseObject({})),
});
type Configuration = v.InferOutput<typeof configuration>;

/**
 * Reads one devcontainer.json into the model that wiring and the gateway manager work on.
 * A file that cannot be parsed, or lacks what it needs, is a ParseError with file, line and column.
 * @see https://containers.dev/implementors/json_reference/
 */
export async function readDevContainer(
  configPath: string,
  workspace: string,
  env: Environment,
): Promise<DevContainer> {
  const bytes = await readRepositoryFile(configPath);
  if (bytes === undefined)
    throw new AppError('not-found', `The file ${configPath} does not exist.`, { next: 'Check --config.' });
  const source = decodeText(bytes, configPath);
  const config = parseConfiguration(source.text, configPath);
  const configDir = path.dirname(configPath);
  const common: Common = { workspace, configPath, configDir, source, name: config.name };
  if (config.dockerComposeFile !== undefined) return await composeModel(common, config, env);
  if (config.image !== undefined) return { ...common, kind: 'image' };
  if (config.dockerFile !== undefined || config.build !== undefined) return { ...common, kind: 'dockerfile' };
  throw new ParseError(
    { file: configPath, line: 1, column: 1 },
    'The file has none of dockerComposeFile, image and build, so it does not describe a container.',
  );
}

/** The Compose model, or a refusal that says what can be done for the other kinds. */
export function requireCompose(container: DevContainer): ComposeDevContainer {
  if (container.kind === 'compose') return container;
  const what = container.kind === 'image' ? 'an image' : 'a Dockerfile';
  throw new AppError(
    'refused',
    `${container.configPath} creates its container from ${what}, without Compose.`,
    {
      next:
        'Only Compose dev containers can be wired in this version. Move the container into a docker-compose.yml ' +
        '(dockerComposeFile and service), or run the gateway by hand with `devcontainer-gateway serve`.',
    },
  );
}

function parseConfiguration(text: string, file: string): Configuration {
  const parsed = v.safeParse(configuration, parseJsoncObject(text, file));
  if (parsed.success) return parsed.output;
  const issue = parsed.issues[0];
  const keys = (issue.path ?? []).flatMap((item) =>
    typeof item.key === 'string' || typeof item.key === 'number' ? [item.key] : [],
  );
  throw new ParseError(locationOf(text, file, keys), `${keys.join('.')}: ${issue.message}`);
}

async function composeModel(
  common: Common,
  config: Configuration,
  env: Environment,
): Promise<ComposeDevContainer> {
  const { configDir, configPath, source, workspace } = common;
  if (config.service === undefined) {
    const place = locationOf(source.text, configPath, ['dockerComposeFile']);
    throw new ParseError(
      place,
      'The file has dockerComposeFile, but no "service" that says which service is the dev container.',
    );
  }
  const substitute = substitution(workspace, env);
  const listed = [config.dockerComposeFile ?? []].flat();
  const defaults = listed.length === 0;
  const composeFiles = defaults
    ? await defaultComposeFiles(workspace, env)
    : listed.map((file) => path.resolve(configDir, substitute(file)));
  const ours = path.join(configDir, sidecar.composeFile);
  const userComposeFiles = composeFiles.filter((file) => file !== ours);
  const first = composeFiles[0];
  const dotEnv = path.join(workspace, '.env');
  const composeEnvFile = defaults && (await exists(dotEnv)) ? dotEnv : undefined;
  return {
    ...common,
    kind: 'compose',
    composeFiles,
    userComposeFiles,
    composeFileForm: defaults
      ? 'defaults'
      : typeof config.dockerComposeFile === 'string'
        ? 'string'
        : 'array',
    projectDir: first === undefined ? workspace : path.dirname(first),
    projectName: await composeProjectName(composeFiles, workspace, env, composeEnvFile),
    composeEnvFile,
    service: config.service,
    workspaceFolder: substitute(config.workspaceFolder ?? '/'),
    workspaceFolderPattern: patternOf(config.workspaceFolder ?? '/'),
    runServices: config.runServices,
    wired: composeFiles.includes(ours),
  };
}

function patternOf(folder: string): string | undefined {
  return folder.includes('${') ? replaceBraced(folder, () => '*') : undefined;
}

/** What an empty `dockerComposeFile` stands for. */
async function defaultComposeFiles(workspace: string, env: Environment): Promise<string[]> {
  const chosen = env['COMPOSE_FILE'] ?? (await dotEnvValue(path.join(workspace, '.env'), 'COMPOSE_FILE'));
  if (chosen !== undefined && chosen !== '') {
    return chosen.split(path.delimiter).map((file) => path.resolve(workspace, file));
  }
  const override = path.join(workspace, 'docker-compose.override.yml');
  const base = path.join(workspace, 'docker-compose.yml');
  return (await exists(override)) ? [base, override] : [base];
}

/** The variables of devcontainer.json that are known on the host; others stay as they are. */
function substitution(workspace: string, env: Environment): (text: string) => string {
  return (text) =>
    replaceBraced(text, (expression, match) => {
      const [kind, name = '', fallback = ''] = expression.split(':');
      if (kind === 'localWorkspaceFolder') return workspace;
      if (kind === 'localWorkspaceFolderBasename') return path.basename(workspace);
      if (kind === 'localEnv' || kind === 'env') return env[name] ?? fallback;
      return match;
    });
}
