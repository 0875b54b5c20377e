// Preloaded into a program: at its end, tells which files and which modules of Node it has loaded, as a line of JSON.
const { writeFileSync } = require('node:fs');

process.on('exit', () => {
  const files = Object.keys(require.cache).filter((file) => file !== __filename);
  const builtins = process.moduleLoadList.map((name) => name.replace(/^NativeModule /, ''));
  writeFileSync(process.env.LOADED_MODULES_FILE, JSON.stringify({ files, builtins }));
});
