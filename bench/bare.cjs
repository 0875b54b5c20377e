// Node with next to nothing in it: what every program in Node pays before its own first line. Without an argument it ends
// at once; with `answer` it answers the first line of its input, and with `listen` it says that it listens.
const [, , mode] = process.argv;
if (mode === 'answer') process.stdin.once('data', () => process.stdout.write('{}\n'));
if (mode === 'listen')
  require('node:http')
    .createServer()
    .listen(0, '127.0.0.1', () => console.log('{}'));
