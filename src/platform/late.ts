/** Modules of Node that take a while to load and that most runs do without: each is loaded when it is first asked for. */
export const late = {
  get childProcess() {
    return process.getBuiltinModule('node:child_process');
  },
  get dns() {
    return process.getBuiltinModule('node:dns');
  },
  get https() {
    return process.getBuiltinModule('node:https');
  },
  get v8() {
    return process.getBuiltinModule('node:v8');
  },
  get zlib() {
    return process.getBuiltinModule('node:zlib');
  },
};
