// Loaded into a gateway: on SIGUSR2 it collects what it can and writes the heap that is left, in bytes, to a file.
const { writeFileSync, renameSync } = require('node:fs');
const v8 = require('node:v8');
const vm = require('node:vm');

v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc');
const file = process.env.MCP_SOAK_PROBE;

process.on('SIGUSR2', () => {
  collect();
  setImmediate(() => {
    collect();
    writeFileSync(`${file}.new`, String(process.memoryUsage().heapUsed));
    renameSync(`${file}.new`, file);
  });
});
