// What `npm test` leaves out, and what each needs.
import { readFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * `counts`: the script's last line is `N passed, N failed`. `engine`: a Docker engine has to answer before it is run.
 */
const known = [
  {
    script: 'test:clients',
    needs: 'Node 24 and MCP Inspector, which it downloads into a cache',
    counts: true,
  },
  {
    script: 'test:conformance',
    needs: 'Node 24 and the conformance suite, which it downloads into a cache',
    counts: true,
  },
  { script: 'test:docker', needs: 'a Docker engine with Compose v2', counts: true, engine: true },
  {
    script: 'test:vscode',
    needs: 'an editor, which it downloads, and a Docker engine for the tests on dev containers',
    counts: true,
    engine: true,
  },
  { script: 'test:gateways', needs: 'the other gateways', counts: true },
  {
    script: 'test:soak:short',
    needs: 'Linux, and some minutes; npm run test:soak runs the full counts',
    counts: true,
  },
  {
    script: 'bench:short',
    needs: 'nothing but time; the figures of npm run bench want a quiet machine',
    counts: false,
  },
];

/** The suites beyond `npm test` that this version of the project has, in the order to run them. */
export async function extraSuites(root) {
  const manifest = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  return known.filter((suite) => manifest.scripts[suite.script] !== undefined);
}
