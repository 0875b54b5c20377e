import type { GatewayAddress } from '../address';
import path from 'node:path';
import { compareClient, type ClientEntry } from '../../clients/compare';
import { clients } from '../../clients/clients';
import { journalPath } from '../../devcontainer/journal';
import type { ComposeDevContainer } from '../../devcontainer/read';
import { exists, readRepositoryText } from '../../platform/files';
import { workspaceStateDir } from '../../platform/state';
import { isInside } from '../resolve/inside';
import type { GatewayManager } from '../manager';
import type { ServersDocument } from '../../servers/api-types';
import { isAnswering } from '../watch/state';
import { composeContainer, serversFile, workspaceFolder, type WorkspaceChoice } from '../workspace';
import type { Facts, WiringFacts } from './facts';
import { engineFacts } from './gather-engine';
import { projectFacts } from './gather-project';
import { serversFacts } from './gather-servers';
import { tokenFacts } from './gather-tokens';
import { vscodeFacts } from './gather-vscode';
import { tried, troubleOf } from './trouble';

/** What the doctor is to look at. */
export interface Examination {
  choice: WorkspaceChoice;
  /** The gateway that is meant. What it throws is a finding. */
  open: () => Promise<GatewayManager>;
  signal: AbortSignal;
}

/**
 * Looks at everything once. What cannot be looked at is a fact too: it rejects only for a folder that is not there, and
 * when aborted.
 */
export async function gatherFacts({ choice, open, signal }: Examination): Promise<Facts> {
  const { env } = choice;
  const workspace = await workspaceFolder(choice);
  const inside = isInside(env);
  const container = await tried(async () => await composeContainer(choice));
  const model = container.value;
  const { gateway, address, document } = await lookAtGateway(open, signal);
  const configDir = model?.configDir ?? (await configFolder(choice, workspace));
  const served = 'state' in gateway && isAnswering(gateway.state) ? gateway.state.gateway.servers : undefined;
  return {
    node: process.versions.node,
    inside,
    workspace,
    gateway,
    document,
    tokens: await tokenFacts({ configDir, env, address, signal }),
    servers: await serversFacts(configDir, served),
    wiring: container.trouble ? { trouble: container.trouble } : model && (await wiringFacts(model)),
    journal: await unfinishedJournal(workspace, env),
    engine: inside || model?.wired !== true ? { asked: 'no' } : await engineFacts(model, env, signal),
    clients: await clientFacts(workspace),
    ...(await vscodeFacts(workspace)),
    project: await projectFacts(workspace, model?.composeFiles ?? [], env),
  };
}

/** Where our folder would be beside a configuration that is not a Compose one, or cannot be read. */
async function configFolder(choice: WorkspaceChoice, workspace: string): Promise<string> {
  const { value: file } = await tried(async () => await serversFile(choice));
  return file === undefined ? path.join(workspace, '.devcontainer') : path.dirname(path.dirname(file));
}

async function lookAtGateway(
  open: Examination['open'],
  signal: AbortSignal,
): Promise<{
  gateway: Facts['gateway'];
  address?: GatewayAddress | undefined;
  document: ServersDocument | undefined;
}> {
  try {
    const manager = await open();
    const { state } = await manager.status(signal);
    const address = (await tried(async () => await manager.address(signal))).value;
    const servers = address && manager.kind.servers?.(address);
    const told = servers && (await tried(async () => await servers.servers(signal))).value;
    // The state names files as this machine does.
    const document = told && isAnswering(state) ? { ...told, gateway: state.gateway } : told;
    return { gateway: { state }, address, document };
  } catch (error) {
    signal.throwIfAborted();
    return { gateway: { trouble: troubleOf(error) }, document: undefined };
  }
}

async function wiringFacts(model: ComposeDevContainer): Promise<WiringFacts> {
  const { composeFiles, userComposeFiles, configPath: config, runServices, wired, projectName } = model;
  return {
    config,
    wired,
    composeFiles: await Promise.all(
      composeFiles.map(async (file) => ({
        file,
        exists: await exists(file),
        ours: !userComposeFiles.includes(file),
      })),
    ),
    runServices,
    project: projectName,
  };
}

async function unfinishedJournal(workspace: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const file = journalPath(await workspaceStateDir(workspace, env));
  return (await exists(file)) ? file : undefined;
}

async function clientFacts(workspace: string): Promise<ClientEntry[]> {
  return await Promise.all(
    clients.map(async (client, i) => {
      const file = path.join(workspace, client.file);
      return compareClient(client, await readRepositoryText(file), file, i === 0);
    }),
  );
}
