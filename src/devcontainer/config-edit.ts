import path from 'node:path';
import { deepEqual, isRecord, parseJsoncObject, type SourceText } from '../platform/jsonc/jsonc';
import { appendJsonElement, isEmptyJson, removeJsonValue, setJsonValue } from '../platform/jsonc/edit';
import type { ComposeDevContainer } from './read';
import type { ComposeFileForm } from './sidecar-compose';
import { sidecar } from './sidecar';

const portKey = String(sidecar.port);
/** Without it the editor announces the port each time it sees it. */
const portAttributes = { label: 'MCP Gateway', onAutoForward: 'ignore' };

/** devcontainer.json with our Compose file last, our service started, and our port left in peace. */
export function wireConfiguration(container: ComposeDevContainer): SourceText {
  const { source, configPath } = container;
  let { text } = source;
  const config = parseJsoncObject(text, configPath);
  if (!container.wired) text = addComposeFile(container, text, config['dockerComposeFile']);
  // An empty list starts every service, including ours.
  const { runServices } = container;
  if (runServices !== undefined && runServices.length > 0 && !runServices.includes(sidecar.service)) {
    text = appendJsonElement(text, ['runServices'], sidecar.service);
  }
  const ports = config['portsAttributes'];
  if (ports === undefined || (isRecord(ports) && ports[portKey] === undefined)) {
    text = setJsonValue(text, ['portsAttributes', portKey], portAttributes);
  }
  return { ...source, text };
}

/** The inverse, for a file that was edited since: it removes our part and keeps everything else. */
export function unwireConfiguration(
  container: ComposeDevContainer,
  form: ComposeFileForm | undefined,
): SourceText {
  const { source, configPath } = container;
  const config = parseJsoncObject(source.text, configPath);
  let text = removeComposeFile(container, source.text, config['dockerComposeFile'], form);
  text = removeElement(text, 'runServices', config['runServices'], (item) => item === sidecar.service);
  const ports = config['portsAttributes'];
  if (isRecord(ports) && deepEqual(ports[portKey], portAttributes)) {
    text = removeJsonValue(text, ['portsAttributes', portKey]);
    if (isEmptyJson(text, ['portsAttributes'])) text = removeJsonValue(text, ['portsAttributes']);
  }
  return { ...source, text };
}

function addComposeFile(container: ComposeDevContainer, text: string, listed: unknown): string {
  if (container.composeFileForm === 'array') {
    return appendJsonElement(text, ['dockerComposeFile'], sidecar.composeFile);
  }
  const files =
    container.composeFileForm === 'string'
      ? [listed]
      : container.userComposeFiles.map((file) => relative(container, file));
  return setJsonValue(text, ['dockerComposeFile'], [...files, sidecar.composeFile]);
}

function removeComposeFile(
  container: ComposeDevContainer,
  text: string,
  listed: unknown,
  form: ComposeFileForm | undefined,
): string {
  const isOurs = (item: unknown): boolean =>
    typeof item === 'string' &&
    path.resolve(container.configDir, item) === path.join(container.configDir, sidecar.composeFile);
  if (Array.isArray(listed) && listed.some(isOurs)) {
    const others: unknown[] = listed.filter((item) => !isOurs(item));
    if (form === 'string' && others.length === 1) return setJsonValue(text, ['dockerComposeFile'], others[0]);
    if (form === 'defaults' && listsDefaults(container, others))
      return setJsonValue(text, ['dockerComposeFile'], []);
  }
  return removeElement(text, 'dockerComposeFile', listed, isOurs);
}

/** Whether the list is still the one that we wrote out for an empty one. */
function listsDefaults(container: ComposeDevContainer, listed: readonly unknown[]): boolean {
  const names = ['docker-compose.yml', 'docker-compose.override.yml'];
  const defaults = names.map((name) => relative(container, path.join(container.workspace, name)));
  return listed.every((item, index) => item === defaults[index]);
}

function removeElement(
  text: string,
  key: string,
  list: unknown,
  matches: (item: unknown) => boolean,
): string {
  const index = Array.isArray(list) ? list.findIndex(matches) : -1;
  return index < 0 ? text : removeJsonValue(text, [key, index]);
}

function relative(container: ComposeDevContainer, file: string): string {
  return path.relative(container.configDir, file).split(path.sep).join('/');
}
