import path from 'node:path';
import { sidecar } from '../../devcontainer/sidecar';
import { exists, readRepositoryText } from '../../platform/files';
import { literalSecrets } from '../../servers/literal-secrets';
import { personalFileOf } from '../../servers/load';
import { neededVariables } from '../../servers/needed-variables';
import { parseServersFile } from '../../servers/parse';
import type { ServersFile } from '../../servers/schema';
import type { ServersFileFacts } from './facts';
import { tried } from './trouble';

/** The shared and the personal servers file: those that the gateway serves where this disk has them, else the workspace's. */
export async function serversFacts(
  configDir: string,
  served: string | null | undefined,
): Promise<ServersFileFacts[]> {
  const own = path.join(configDir, sidecar.folder, sidecar.serversFile);
  const shared = typeof served === 'string' && (await exists(served)) ? served : own;
  return [await fileFacts(shared, false), await fileFacts(personalFileOf(shared), true)];
}

async function fileFacts(file: string, personal: boolean): Promise<ServersFileFacts> {
  const { value, trouble } = await tried(async () => {
    const text = await readRepositoryText(file);
    return text === undefined ? 'missing' : parseServersFile(text, file);
  });
  const parsed = value === 'missing' ? undefined : value;
  return {
    file,
    personal,
    exists: value !== 'missing',
    trouble,
    secrets: parsed ? secretsIn(parsed) : [],
    variables: parsed ? neededVariables(parsed) : new Map(),
  };
}

function secretsIn({ servers }: ServersFile): ServersFileFacts['secrets'] {
  return [...servers].flatMap(([server, definition]) =>
    literalSecrets(definition).map(({ place }) => ({ server, place })),
  );
}
