import assert from 'node:assert/strict';
import { chmod, cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as v from 'valibot';
import { run, type RunResult } from '../../src/platform/run';
import { containerOf, docker, projectsStartingWith, removeProject, testImages } from './docker';
import type { StdioCommand } from './stdio-clients';

const root = path.resolve(__dirname, '../..');
const cli = path.join(root, 'dist/cli.js');
/** Starts the name of everything that these tests make; the process id tells the runs apart. */
const prefix = 'mcpt-';

export type Layout = 'javascript-node-postgres' | 'postgres';

const UpOutcome = v.object({
  outcome: v.literal('success'),
  containerId: v.string(),
  remoteWorkspaceFolder: v.string(),
});

const Probe = v.object({
  url: v.string(),
  tools: v.array(v.string()),
  result: v.object({ content: v.array(v.object({ type: v.string(), text: v.optional(v.string()) })) }),
});

/** A copy of a dev container layout in a folder of its own, and what a person can do with it. */
export class DevContainer {
  #probe: string | undefined;

  private constructor(
    /** The workspace folder. */
    readonly folder: string,
    private readonly base: string,
    private readonly extraEnv: Record<string, string>,
  ) {}

  /** Copies a layout into a new folder. */
  static async copyOf(layout: Layout, name: string, env: Record<string, string> = {}): Promise<DevContainer> {
    const base = await newBase();
    const folder = path.join(base, 'workspaces', `${prefix}${process.pid}-${name}`);
    await cp(path.join(root, 'test/fixtures/devcontainers', layout), folder, { recursive: true });
    return new DevContainer(folder, base, env);
  }

  /** Clones a repository into a folder beside other clones. */
  static async cloneOf(repository: string, name: string): Promise<DevContainer> {
    const base = await newBase();
    const folder = path.join(base, 'workspaces', `${prefix}${process.pid}-${name}`);
    const result = await run('git', ['clone', '--quiet', repository, folder]);
    assert.equal(result.code, 0, result.stderr);
    return new DevContainer(folder, base, {});
  }

  /** The same dev container, seen from a shell with more variables. */
  withEnv(env: Record<string, string>): DevContainer {
    return new DevContainer(this.folder, this.base, { ...this.extraEnv, ...env });
  }

  /** The Compose project, as the Dev Containers CLI names it. */
  get project(): string {
    return `${path.basename(this.folder)}_devcontainer`;
  }

  /**
   * An environment as a person's shell has it: of our variables only the one that names the test's own base image, and a
   * state folder of the test's own.
   */
  get env(): Record<string, string> {
    const inherited = Object.entries(process.env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && !entry[0].startsWith('MCP_'),
    );
    return {
      ...Object.fromEntries(inherited),
      XDG_STATE_HOME: path.join(this.base, 'state'),
      MCP_GATEWAY_BASE_IMAGE: testImages.node,
      ...this.extraEnv,
    };
  }

  /** Runs our command on the host, in the workspace. */
  async cli(...args: string[]): Promise<RunResult> {
    return await run(process.execPath, [cli, ...args], { cwd: this.folder, env: this.env });
  }

  /** Runs our command, which has to succeed, and returns its output. */
  async mustCli(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.cli(...args);
    assert.equal(code, 0, `devcontainer-gateway ${args.join(' ')} exited with ${code}\n${stdout}\n${stderr}`);
    return stdout;
  }

  /** `devcontainer-gateway connect` in this workspace, as a client's command: it builds nothing, and has no variable of ours. */
  get connect(): StdioCommand {
    const env = this.env;
    delete env['MCP_GATEWAY_BASE_IMAGE'];
    return { command: process.execPath, args: [cli, 'connect'], cwd: this.folder, env };
  }

  /** Opens the dev container with the Dev Containers CLI. */
  async tryUp(...args: string[]): Promise<RunResult> {
    return await this.devcontainer('up', ...args);
  }

  /** Opens the dev container, which has to work; returns the id of its container. */
  async up(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.tryUp(...args);
    assert.equal(code, 0, `devcontainer up exited with ${code}\n${stdout}\n${stderr.slice(-4000)}`);
    return v.parse(UpOutcome, JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).containerId;
  }

  /** Runs a program in the dev container by `devcontainer exec`, with no environment of its own. */
  async exec(...command: string[]): Promise<RunResult> {
    return await this.devcontainer('exec', ...command);
  }

  /** Runs a program in the dev container, which has to succeed, and returns its output. */
  async mustExec(...command: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.exec(...command);
    assert.equal(
      code,
      0,
      `${command.join(' ').slice(0, 200)} exited with ${code}\n${stdout}\n${stderr.slice(-4000)}`,
    );
    return stdout;
  }

  /** Lists and calls in the dev container as a client does that reads `.mcp.json`. */
  async probe(tool: string, args: Record<string, unknown>): Promise<v.InferOutput<typeof Probe>> {
    this.#probe ??= await readFile(path.join(root, 'test/support/mcp-json-probe.mjs'), 'utf8');
    const script = ['node', '--input-type=module', '--eval', this.#probe, '--'];
    const output = await this.mustExec(...script, tool, JSON.stringify(args));
    return v.parse(Probe, JSON.parse(output));
  }

  /** Puts our command line into the dev container and runs it there. */
  async cliInside(...args: string[]): Promise<RunResult> {
    const app = await this.container('app');
    const inside = '/tmp/devcontainer-gateway';
    const present = await run('docker', ['exec', app, 'test', '-e', `${inside}/cli.js`]);
    if (present.code !== 0) {
      await docker('exec', app, 'mkdir', inside);
      for (const part of ['cli', 'cli.js'])
        await docker('cp', path.join(path.dirname(cli), part), `${app}:${inside}/${part}`);
    }
    return await this.exec('node', `${inside}/cli.js`, ...args);
  }

  /** Runs our command in the dev container, which has to succeed, and returns its output. */
  async mustCliInside(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.cliInside(...args);
    assert.equal(
      code,
      0,
      `inside: devcontainer-gateway ${args.join(' ')} exited with ${code}\n${stdout}\n${stderr}`,
    );
    return stdout;
  }

  /** The container of a service, which has to exist. */
  async container(service: string): Promise<string> {
    const id = await containerOf(this.project, service);
    assert.ok(id, `there is no container of ${service} in ${this.project}`);
    return id;
  }

  /** Removes the containers, volumes, networks and images of the project, and the folder. */
  async dispose(): Promise<void> {
    await removeProject(this.project);
    await rm(this.base, { recursive: true, force: true });
  }

  private async devcontainer(verb: string, ...args: string[]): Promise<RunResult> {
    const program = path.join(root, 'node_modules/@devcontainers/cli/devcontainer.js');
    const folder = ['--workspace-folder', this.folder, '--user-data-folder', path.join(this.base, 'data')];
    return await run(process.execPath, [program, verb, ...folder, ...args], { env: this.env });
  }
}

/** Removes what earlier runs, whose process is gone, have left on the engine. */
export async function removeLeftovers(): Promise<void> {
  for (const project of await projectsStartingWith(prefix)) {
    const pid = /^mcpt-(\d+)-/.exec(project)?.[1];
    if (pid !== undefined && !alive(Number(pid))) await removeProject(project);
  }
}

async function newBase(): Promise<string> {
  const base = await mkdtemp(path.join(os.tmpdir(), prefix));
  // The container's user has to reach what is below.
  await chmod(base, 0o755);
  return base;
}

/** Whether a process of that id runs. */
export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
