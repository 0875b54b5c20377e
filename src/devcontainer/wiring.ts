import { selectClients } from '../clients/clients';
import { AppError, LeftoverError, messageOf } from '../platform/errors';
import { sentence } from '../platform/sentence';
import type { GatewayKind } from '../servers/gateway-settings';
import { workspaceStateDir } from '../platform/state';
import { recover, type Recovery } from './apply';
import { applyAsOne } from './apply-plan';
import { readComposeModel } from './compose-model';
import { type FileOperations, fileOperations } from './file-operations';
import { readStates } from './file-states';
import { chooseConfiguration, findConfigurations } from './find';
import { type HostPort, pathsToRead, type Plan, planAdd, sidecarPaths } from './plan';
import { type ComposeDevContainer, readDevContainer, requireCompose } from './read';
import { forgetEdits, readRecord, recordEdits } from './record';
import { isCommittedToken, newTokenFile } from './own-files';
import type { SidecarPart } from './sidecar-part';
import { planRemove } from './undo';
import { checkTargets, clientsWithin, linkedFolders, requireWithin, writableFolders } from './write-targets';

/** The dev container to work on, and for whom. */
export interface WiringTarget {
  /** Absolute. */
  workspace: string;
  config?: string | undefined;
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Ends what a plan waits for. */
  signal?: AbortSignal;
}

export interface AddChoices {
  clients: readonly string[];
  hostPort: HostPort | undefined;
  /** What the gateway kind puts beside devcontainer.json. */
  sidecar: SidecarPart;
}

/** What happened when the sidecar was tried. */
export interface PrestartOutcome {
  started: boolean;
  /** Why it did not start, or what else a person should know. */
  note?: string;
  /** Removes what the start created, and nothing that was there before. */
  undo?: () => Promise<void>;
}

/**
 * Builds and starts the sidecar once, while devcontainer.json does not name it yet; a thrown error undoes
 * everything. The container it gets already lists our Compose file, as it will be.
 */
export type Prestart = (context: {
  container: ComposeDevContainer;
  kind: GatewayKind | undefined;
  signal: AbortSignal;
}) => Promise<PrestartOutcome>;

/**
 * Removes our container, volumes, image and network while our Compose file still exists. Resolves with what a person
 * should know about it, such as what stays.
 */
export type TeardownHook = (context: {
  container: ComposeDevContainer;
  signal: AbortSignal;
}) => Promise<readonly string[]>;

/** How a plan is applied. */
export interface ApplyOptions {
  signal: AbortSignal;
  operations?: FileOperations;
}

/** Undoes what an interrupted `add` or `remove` of this workspace had done. Every verb that wires calls it first. */
export async function recoverWiring(
  workspace: string,
  env: NodeJS.ProcessEnv,
  operations: FileOperations = fileOperations,
): Promise<Recovery | undefined> {
  return await recover(await workspaceStateDir(workspace, env), operations);
}

/** The plan for `add`; nothing is written. */
export async function prepareAdd(target: WiringTarget, choices: AddChoices): Promise<Plan> {
  const container = await readTarget(target);
  const clients = selectClients(choices.clients);
  await checkTargets(container, clients);
  const { model, notes } = await readComposeModel(container, target.env, target.signal);
  const files = await readStates(pathsToRead(container, clients));
  const record = await readRecord(await workspaceStateDir(target.workspace, target.env));
  const { sidecar, hostPort } = choices;
  const newToken = newTokenFile();
  const tokenIsCommitted = await isCommittedToken(sidecarPaths(container.configDir).token, target.env);
  const inputs = { container, model, files, record, clients, sidecar, hostPort, newToken, tokenIsCommitted };
  const plan = planAdd(inputs);
  return { ...plan, notes: [...notes, ...plan.notes] };
}

/** The plan for `remove`; nothing is written. A workspace that is not wired yields a plan without edits. */
export async function prepareRemove(target: WiringTarget): Promise<Plan> {
  const container = await readTarget(target);
  const record = await readRecord(await workspaceStateDir(target.workspace, target.env));
  const { clients, notes } = await clientsWithin(container);
  await checkTargets(container, clients);
  const files = await readStates(pathsToRead(container, clients));
  const othersWired = await isAnotherWired(target, container);
  const plan = planRemove({ container, files, record, clients, othersWired });
  const emptied = await Promise.all(
    plan.edits.map(async (edit) => await linkedFolders(edit, target.workspace)),
  );
  return {
    ...plan,
    emptiedFolders: [...plan.emptiedFolders, ...emptied.flat()],
    notes: [...notes, ...plan.notes],
  };
}

/** Applies a plan of `prepareAdd`: the sidecar's files, the try, then the user's files; all of it or nothing. */
export async function executeAdd(
  plan: Plan,
  target: WiringTarget,
  options: ApplyOptions & { prestart?: Prestart | undefined },
): Promise<PrestartOutcome> {
  const { container } = plan;
  let outcome: PrestartOutcome = { started: false };
  await applyAsOne(
    plan,
    await workspaceStateDir(target.workspace, target.env),
    { operation: 'add', update: recordEdits, ...options },
    async (change, record) => {
      await change.apply(plan.edits.filter((edit) => edit.stage === 'sidecar'));
      const context = { container: withOurFile(container), kind: plan.kind, signal: options.signal };
      if (options.prestart !== undefined) outcome = await options.prestart(context);
      try {
        await change.apply([...plan.edits.filter((edit) => edit.stage === 'wiring'), record]);
      } catch (error) {
        await undoPrestart(outcome, error);
        throw error;
      }
    },
  );
  return outcome;
}

async function undoPrestart(outcome: PrestartOutcome, reason: unknown): Promise<void> {
  try {
    await outcome.undo?.();
  } catch (error) {
    throw new LeftoverError(
      reason,
      sentence(`The sidecar that was started could not be removed: ${messageOf(error)}`),
      'Run the command again. It uses that sidecar.',
    );
  }
}

/** Applies a plan of `prepareRemove`: our containers, then the files; all files or none. Resolves with notes. */
export async function executeRemove(
  plan: Plan,
  target: WiringTarget,
  options: ApplyOptions & { teardown?: TeardownHook | undefined },
): Promise<readonly string[]> {
  let notes: readonly string[] = [];
  await applyAsOne(
    plan,
    await workspaceStateDir(target.workspace, target.env),
    { operation: 'remove', update: forgetEdits, ...options },
    async (change, record) => {
      const context = { container: withOurFile(plan.container), signal: options.signal };
      notes = (await options.teardown?.(context)) ?? [];
      await change.apply([...plan.edits, record]);
      await change.removeEmptyFolders(plan.emptiedFolders);
    },
  );
  return notes;
}

/** The dev container of an interrupted `add`, if the engine should forget it too: it is not wired now. */
export async function interruptedContainer(
  recovery: Recovery,
  workspace: string,
  env: NodeJS.ProcessEnv,
): Promise<ComposeDevContainer | undefined> {
  if (recovery.operation !== 'add') return undefined;
  try {
    const container = await readDevContainer(recovery.config, workspace, env);
    return container.kind === 'compose' && !container.wired ? withOurFile(container) : undefined;
  } catch (error) {
    // Unreadable now: the verb that runs next reports it.
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

async function readTarget(target: WiringTarget): Promise<ComposeDevContainer> {
  const config = await chooseConfiguration(target.workspace, { config: target.config, cwd: target.cwd });
  // Before it is read: the text of a file elsewhere must not turn up in a diff or an error.
  await requireWithin(config, await writableFolders(target.workspace, config));
  return requireCompose(await readDevContainer(config, target.workspace, target.env));
}

async function isAnotherWired(target: WiringTarget, container: ComposeDevContainer): Promise<boolean> {
  for (const config of await findConfigurations(target.workspace)) {
    if (config === container.configPath) continue;
    try {
      const other = await readDevContainer(config, target.workspace, target.env);
      if (other.kind === 'compose' && other.wired) return true;
    } catch (error) {
      // A file that cannot be read is not wired by us, and removing must not depend on it.
      if (!(error instanceof AppError)) throw error;
    }
  }
  return false;
}

function withOurFile(container: ComposeDevContainer): ComposeDevContainer {
  const ours = sidecarPaths(container.configDir).compose;
  return { ...container, composeFiles: [...container.userComposeFiles, ours], wired: true };
}
