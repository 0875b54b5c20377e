import { partOf, type Kind } from '../kind';
import type { GatewayAddress } from '../address';
import type { ComposeDevContainer } from '../../devcontainer/read';
import { sidecar } from '../../devcontainer/sidecar';
import { AppError, messageOf } from '../../platform/errors';
import { adminTokenFile } from '../resolve/admin-token';
import { Compose } from './compose';
import { containerFinding, imageMissing } from '../watch/diagnosis';
import { withHostPaths } from './host-path';
import type { GatewayManager, GatewayOverview, LogsOptions, UpOptions, WorkOptions } from '../manager';
import { textRedaction } from '../../platform/redact';
import type { ServerReport } from '../../servers/api-types';
import type { ContainerDetails, ContainerRuntime, ContainerSummary } from '../engine/runtime';
import { findSidecar, lookForSidecar, sidecarEvents, strangerTrouble } from './find';
import { addressOf, baseImage, elsewhereTrouble, notCreated, publishedToken, tokenOf } from './container';
import type { GatewayState, Trouble } from '../watch/state';
import { tokenIn } from '../resolve/token';
import { ensureTokenEnv } from '../resolve/token-env';
import { settle, startedAt, type Look, type Subject } from '../watch/watch';
import { step } from '../../platform/next-step';
import { sentence } from '../../platform/sentence';

/** Longer than one request to a gateway that hangs. */
const statusMs = 7000;
const restartMs = 60_000;

/** The gateway that runs as the sidecar of a wired Compose dev container. Creation is Compose's work, the rest the engine's. */
export class ContainerManager implements GatewayManager {
  readonly subject: Subject;

  constructor(
    readonly owner: ComposeDevContainer,
    readonly runtime: ContainerRuntime,
    readonly env: NodeJS.ProcessEnv,
    readonly kind: Kind,
  ) {
    this.subject = {
      kind,
      look: async (signal) => await this.#look(runtime.within(signal)),
      changes: (signal) => sidecarEvents(runtime, owner, signal),
    };
  }

  async status(signal: AbortSignal): Promise<GatewayOverview> {
    return await this.#overview(await settle(this.subject, { timeoutMs: statusMs, signal }), signal);
  }

  async up({ signal, progress, build, timeoutMs }: UpOptions): Promise<GatewayOverview> {
    this.#requireWired();
    const runtime = this.runtime.within(signal);
    await runtime.info();
    const compose = await Compose.find({ ...this.env, ...runtime.environment }, signal);
    const before = await findSidecar(runtime, this.owner);
    const { written, note } = await ensureTokenEnv(
      this.owner,
      async () => (before ? await publishedToken(runtime, before.id) : undefined),
      this.env,
    );
    if (written) progress('Wrote the token file.');
    const built = build ? await this.#build(compose, before, { signal, progress }) : [];
    const notes = note === undefined ? built : [note, ...built];
    await compose.up(this.owner, sidecar.service, { signal, progress });
    const started = await this.#require(runtime);
    // Compose leaves a container in its restart pause alone; what was wrong may be mended by now.
    if (started.status === 'restarting') await runtime.restart(started.id);
    const state = await this.#settled(timeoutMs, { signal, progress });
    return await this.#overview(state, signal, notes);
  }

  async down({ signal, progress }: WorkOptions): Promise<GatewayOverview> {
    const runtime = this.runtime.within(signal);
    const container = await findSidecar(runtime, this.owner);
    if (container) {
      progress(`Stopping ${container.name}.`);
      await runtime.stop(container.id);
    }
    return await this.status(signal);
  }

  async restart(options: WorkOptions): Promise<GatewayOverview> {
    const runtime = this.runtime.within(options.signal);
    const container = await this.#require(runtime);
    options.progress(`Restarting ${container.name}.`);
    await runtime.restart(container.id);
    return await this.#overview(await this.#settled(restartMs, options), options.signal);
  }

  async restartServer(name: string, signal: AbortSignal): Promise<ServerReport> {
    const lifecycle = partOf(this.kind, 'lifecycle');
    return await lifecycle(await this.address(signal)).restartServer(name, signal);
  }

  async *logs(server: string | undefined, { follow, tail, signal }: LogsOptions): AsyncGenerator<string> {
    if (server !== undefined) {
      const api = partOf(this.kind, 'logs')(await this.address(signal));
      yield* follow ? api.followLog(server, tail, signal) : await api.log(server, tail, signal);
      return;
    }
    const runtime = this.runtime.within(signal);
    const { id } = await this.#require(runtime);
    const redact = textRedaction([await tokenOf(runtime, id, this.owner.configDir)]);
    for await (const line of runtime.logs(id, { follow, tail, signal })) yield redact(line);
  }

  async address(signal: AbortSignal): Promise<GatewayAddress> {
    const runtime = this.runtime.within(signal);
    const details = await runtime.inspect((await this.#require(runtime)).id);
    const address = await addressOf(runtime, details, this.owner.configDir);
    if (address) return address;
    const trouble = elsewhereTrouble(runtime, details);
    if (trouble) throw new AppError('unreachable', trouble.reason, { next: trouble.next });
    throw new AppError('unreachable', `The gateway (container ${details.name}) is ${details.status}.`, {
      next: step('Start the gateway.', 'up'),
    });
  }

  async adminToken(signal: AbortSignal): Promise<string | undefined> {
    const runtime = this.runtime.within(signal);
    const file = `${sidecar.stateMount}/${adminTokenFile}`;
    const content = await runtime.readFile((await this.#require(runtime)).id, file);
    return content && tokenIn(content.toString('utf8'), file);
  }

  async #look(runtime: ContainerRuntime): Promise<Look> {
    const found = await lookForSidecar(runtime, this.owner);
    if (!found) return { finding: { type: 'missing', ...(await this.#whyMissing(runtime)) } };
    const { container, stranger } = found;
    if (stranger !== undefined)
      return { finding: { type: 'missing', ...strangerTrouble(this.owner, container, stranger) } };
    const details = await runtime.inspect(container.id);
    const address = await addressOf(runtime, details, this.owner.configDir);
    const url = address?.url.href ?? null;
    const finding = await containerFinding(details, url, async () => await this.#lastLines(runtime, details));
    const run = `${details.id} ${details.startedAt ?? ''}`;
    const trouble = elsewhereTrouble(runtime, details);
    if (finding.type === 'running' && trouble) return { finding: { type: 'silent', url, ...trouble }, run };
    if (finding.type === 'running' && details.status === 'running' && !address) {
      const reason = `Container ${details.name} is running, but its port ${sidecar.port} is not published on this machine.`;
      return { finding: { type: 'silent', url, reason, next: step('Create the gateway again.', 'up') }, run };
    }
    return { finding, run, ...(address ? { address } : {}) };
  }

  async #lastLines(runtime: ContainerRuntime, details: ContainerDetails): Promise<string[]> {
    const redact = textRedaction([await tokenOf(runtime, details.id, this.owner.configDir)]);
    const lines: string[] = [];
    for await (const line of runtime.logs(details.id, { tail: 30 })) lines.push(redact(line));
    return lines;
  }

  async #whyMissing(runtime: ContainerRuntime): Promise<Trouble> {
    if (!this.owner.wired)
      return {
        reason: 'The dev container is not wired to a gateway.',
        next: step('Wire the dev container.', 'add'),
      };
    const image = await baseImage(this.owner.configDir, this.env);
    const built = await runtime.hasImage(`${this.owner.projectName}-${sidecar.service}`);
    if (image !== undefined && !built && !(await runtime.hasImage(image))) {
      return {
        reason: `The gateway has not been created, and its base image ${image} is not on this machine.`,
        next: imageMissing,
      };
    }
    return {
      reason: 'The gateway has not been created.',
      next: step('Create and start the gateway.', 'up'),
    };
  }

  /** A failing build costs nothing where an image is there: it is kept, and the person told. */
  async #build(
    compose: Compose,
    before: ContainerSummary | undefined,
    options: WorkOptions,
  ): Promise<string[]> {
    try {
      await compose.build(this.owner, sidecar.service, options);
      return [];
    } catch (error) {
      const image = `${this.owner.projectName}-${sidecar.service}`;
      const kept = before !== undefined || (await this.runtime.within(options.signal).hasImage(image));
      if (!kept || options.signal.aborted) throw error;
      return [
        sentence(`The image could not be built again, so the present one is used: ${messageOf(error)}`),
      ];
    }
  }

  /** The state once it has settled after it was told to start. */
  async #settled(timeoutMs: number, { signal, progress }: WorkOptions): Promise<GatewayState> {
    const onState = (state: GatewayState): void => progress(`The gateway is ${state.status}.`);
    const subject = startedAt(this.subject, new Date().toISOString());
    return await settle(subject, { timeoutMs, signal, onState });
  }

  async #require(runtime: ContainerRuntime): Promise<ContainerSummary> {
    const container = await findSidecar(runtime, this.owner);
    if (container) return container;
    this.#requireWired();
    throw notCreated(this.owner);
  }

  #requireWired(): void {
    if (this.owner.wired) return;
    throw new AppError('not-found', `The dev container ${this.owner.configPath} is not wired to a gateway.`, {
      next: step('Run a gateway on this machine with "up --local", or wire the dev container.', 'add'),
    });
  }

  async #overview(
    state: GatewayState,
    signal: AbortSignal,
    notes: readonly string[] = [],
  ): Promise<GatewayOverview> {
    const details = await this.#present(this.runtime.within(signal));
    const { workspace, projectName: project } = this.owner;
    return {
      placement: {
        kind: 'container',
        workspace,
        project,
        container: details?.name ?? null,
        image: details?.image ?? null,
      },
      state: await withHostPaths(state, details?.mounts ?? []),
      notes,
    };
  }

  /** The container, for what is only said besides: an engine that is gone is told by the state. */
  async #present(runtime: ContainerRuntime): Promise<ContainerDetails | undefined> {
    if (runtime.kind === 'none') return undefined;
    try {
      const container = await findSidecar(runtime, this.owner);
      return container && (await runtime.inspect(container.id));
    } catch {
      return undefined;
    }
  }
}
