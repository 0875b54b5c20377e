import { AppError, systemCode } from '../../platform/errors';
import { run } from '../../platform/run';
import { composeFailure } from '../watch/diagnosis';
import { textRedaction } from '../../platform/redact';

const redact = textRedaction();

/** The Compose project that a sidecar belongs to. */
export interface ComposeProject {
  projectName: string;
  /** Absolute, in order; ours last. */
  composeFiles: readonly string[];
  /** The folder of the first file. */
  projectDir: string;
  /** `--env-file`, where the Dev Containers CLI passes one. */
  composeEnvFile?: string | undefined;
}

export interface ComposeOptions {
  signal: AbortSignal;
  /** Gets each line of progress, free of secrets. */
  progress: (line: string) => void;
}

interface Program {
  command: string;
  args: readonly string[];
}

const programs: readonly Program[] = [
  { command: 'docker', args: ['compose'] },
  { command: 'docker-compose', args: [] },
];

/** Docker Compose, version 2 or later, for the one service of ours. Never prints a resolved model: it holds secrets. */
export class Compose {
  readonly #program: Program;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(program: Program, env: NodeJS.ProcessEnv) {
    this.#program = program;
    this.#env = env;
  }

  /** Finds Compose. Throws `compose` where there is none, or only version 1. */
  static async find(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<Compose> {
    let old: string | undefined;
    for (const program of programs) {
      const version = await versionOf(program, env, signal);
      if (version === undefined) continue;
      if (Number.parseInt(version, 10) >= 2) return new Compose(program, env);
      old = version;
    }
    const found = old === undefined ? 'Docker Compose was not found' : `Only Docker Compose ${old} was found`;
    throw new AppError('compose', `${found}. Version 2 is needed.`, {
      next: 'Install the Compose plugin of Docker: https://docs.docker.com/compose/install/',
    });
  }

  /** Builds the image of a service. */
  async build(project: ComposeProject, service: string, options: ComposeOptions): Promise<void> {
    await this.#run(project, ['build', service], `Building ${service}`, options);
  }

  /** Creates or re-creates one service alone and starts it. */
  async up(project: ComposeProject, service: string, options: ComposeOptions): Promise<void> {
    await this.#run(project, ['up', '-d', '--no-deps', service], `Starting ${service}`, options);
  }

  /** Creates or re-creates one service alone and leaves it stopped. */
  async create(project: ComposeProject, service: string, options: ComposeOptions): Promise<void> {
    await this.#run(project, ['up', '--no-start', '--no-deps', service], `Creating ${service}`, options);
  }

  async #run(
    project: ComposeProject,
    args: readonly string[],
    what: string,
    { signal, progress }: ComposeOptions,
  ): Promise<void> {
    const { composeFiles, composeEnvFile, projectDir, projectName } = project;
    const global = [
      ...['--ansi', 'never', '-p', projectName],
      ...composeFiles.flatMap((file) => ['-f', file]),
      ...(composeEnvFile === undefined ? [] : ['--env-file', composeEnvFile]),
    ];
    const { command, args: first } = this.#program;
    const result = await run(command, [...first, ...global, ...args], {
      cwd: projectDir,
      env: this.#env,
      signal,
      onStderrLine: (line) => {
        if (line.trim() !== '') progress(redact(line.trim()));
      },
    });
    if (signal.aborted) throw new AppError('cancelled', `${what} was cancelled.`);
    if (result.code !== 0) throw composeFailure(what, redact(`${result.stdout}\n${result.stderr}`));
  }
}

async function versionOf(
  { command, args }: Program,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const { code, stdout } = await run(command, [...args, 'version', '--short'], { env, signal });
    const [version] = /(?<!\d)\d+\.\d+[\w.+-]*/.exec(stdout) ?? [];
    return code === 0 ? version : undefined;
  } catch (error) {
    if (['ENOENT', 'EACCES', 'ENOTDIR'].includes(systemCode(error) ?? '')) return undefined;
    throw error;
  }
}
