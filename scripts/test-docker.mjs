// `npm run test:docker`: real dev containers on a real engine. Arguments go to mocha (`-- --grep ...`).
import { setUp, root } from './install.mjs';
import { engineAnswers } from './lib/engine.mjs';
import { run } from './lib/process.mjs';
import { printSummary, runMocha } from './lib/suites.mjs';
import { prepareImages, removeImages } from './test-images.mjs';

try {
  await setUp();
  await requireEngine();
  await prepareImages();
  try {
    const args = process.argv.slice(2);
    const result = await runMocha('docker', '.mocharc.docker.json', { cwd: root, args });
    process.exitCode = printSummary([result]) ? 0 : 1;
  } finally {
    if (!process.env.MCP_TEST_KEEP_IMAGES) await removeImages();
  }
} catch (error) {
  console.error(error.message);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
}

async function requireEngine() {
  if (!(await engineAnswers())) {
    throw new Error(
      'docker: no engine answers\nNext: start Docker (or run `CI=true bash .ci/run`, which installs one)',
    );
  }
  const compose = await run('docker', ['compose', 'version', '--short']);
  if (compose.code !== 0 || !/^v?2\.|^v?[3-9]/.test(compose.stdout)) {
    throw new Error(
      'docker: Compose v2 is missing\nNext: install the docker-compose-v2 (or docker-compose-plugin) package',
    );
  }
}
