import { type FileOperations, fileOperations } from '../../src/devcontainer/file-operations';
import { recoverWiring } from '../../src/devcontainer/wiring';
import { add, remove, targetOf } from '../support/wiring';

/*
 * Runs `add`, `remove` or the taking back of one of them, and ends by SIGKILL before the n-th file operation; a write ends half done. Prints the number
 * of operations when it gets to the end.
 */
const [verb = '', workspace = '', state = '', killAt = '0'] = process.argv.slice(2);
let count = 0;

function due(): boolean {
  count += 1;
  return count === Number(killAt);
}

function die(): void {
  process.kill(process.pid, 'SIGKILL');
}

const operations: FileOperations = {
  makeFolder: async (folder) => {
    if (due()) die();
    await fileOperations.makeFolder(folder);
  },
  write: async (file, bytes, mode) => {
    const last = due();
    await fileOperations.write(file, last ? bytes.subarray(0, bytes.length / 2) : bytes, mode);
    if (last) die();
  },
  rename: async (from, to) => {
    if (due()) die();
    await fileOperations.rename(from, to);
  },
  link: async (from, to) => {
    if (due()) die();
    await fileOperations.link(from, to);
  },
  remove: async (file) => {
    if (due()) die();
    await fileOperations.remove(file);
  },
  removeFolder: async (folder) => {
    if (due()) die();
    await fileOperations.removeFolder(folder);
  },
};

// Without PATH no Compose is asked, which would take most of the time.
const target = targetOf(workspace, state);
delete target.env['PATH'];
const verbs: Record<string, () => Promise<unknown>> = {
  add: async () => await add(target, { clients: ['gemini'], operations }),
  remove: async () => await remove(target, { operations }),
  recover: async () => await recoverWiring(workspace, target.env, operations),
};
void verbs[verb]?.().then(() => process.stdout.write(String(count)));
