// Builds again after each change, until the process is stopped. Editors read the two lines that it prints: see
// .vscode/tasks.json.
import * as esbuild from 'esbuild';

/** @param {esbuild.BuildOptions[]} builds. */
export async function keepBuilding(builds) {
  const report = reporter();
  const contexts = builds.map((options) =>
    esbuild.context({ ...options, plugins: [report, ...(options.plugins ?? [])] }),
  );
  for (const context of await Promise.all(contexts)) await context.watch();
}

/** Says when the first of the builds that are running starts, and when the last of them is finished. */
function reporter() {
  let running = 0;
  return {
    name: 'report',
    setup(build) {
      build.onStart(() => {
        if (running++ === 0) console.log('[watch] build started');
      });
      build.onEnd(() => {
        if (--running === 0) console.log('[watch] build finished');
      });
    },
  };
}
