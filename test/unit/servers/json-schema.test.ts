import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import Ajv from 'ajv';
import { starterServers } from '../../../src/devcontainer/own-files';
import { serversJsonSchema } from '../../../src/servers/json-schema';
import { parseJsonc, parseServersFile } from '../../../src/servers/parse';

describe('the JSON Schema of servers.json', () => {
  const validate = new Ajv({ strict: false }).compile(serversJsonSchema());
  const examples = path.resolve(__dirname, '../../../examples');

  function isValid(text: string): boolean {
    return validate(parseJsonc(text, 'servers.json').value);
  }

  it('accepts every example and the file that wiring writes', async () => {
    const files = (await readdir(examples, { recursive: true })).filter((name) =>
      name.endsWith('servers.json'),
    );
    assert.notEqual(files.length, 0);
    for (const file of files)
      assert.ok(isValid(await readFile(path.join(examples, file), 'utf8')), JSON.stringify(validate.errors));
    assert.ok(isValid(starterServers), JSON.stringify(validate.errors));
  });

  const entries: readonly { what: string; entry: object; fits: boolean }[] = [
    { what: 'a command without a type', entry: { command: 'node' }, fits: true },
    { what: 'a URL without a type', entry: { url: 'https://h/mcp' }, fits: true },
    { what: 'the type of a VS Code file', entry: { type: 'local', command: 'node' }, fits: true },
    { what: 'the type of a Cline file', entry: { type: 'streamableHttp', url: 'https://h/mcp' }, fits: true },
    { what: 'an image', entry: { type: 'container', image: 'mcp/time' }, fits: true },
    {
      what: 'a REST API',
      entry: { type: 'rest', baseUrl: 'https://h', tools: [{ name: 'a', path: '/a' }] },
      fits: true,
    },
    { what: 'a member of a later version', entry: { command: 'node', later: 1 }, fits: true },
    { what: 'no command, URL or image', entry: {}, fits: false },
    { what: 'an unknown type', entry: { type: 'carrier-pigeon', command: 'node' }, fits: false },
    { what: 'arguments as one text', entry: { command: 'node', args: '-y x' }, fits: false },
    { what: 'an address of another scheme', entry: { url: 'ftp://h/' }, fits: false },
    { what: 'too long a time', entry: { command: 'node', timeoutSeconds: 1e9 }, fits: false },
  ];
  for (const { what, entry, fits } of entries) {
    it(`${fits ? 'accepts' : 'refuses'} ${what}, as the gateway does`, () => {
      const text = JSON.stringify({ servers: { a: entry } });
      assert.equal(isValid(text), fits, JSON.stringify(validate.errors));
      if (fits) parseServersFile(text, 'servers.json');
      else assert.throws(() => parseServersFile(text, 'servers.json'));
    });
  }

  it('refuses a name with a space and a misspelt kind of gateway', () => {
    assert.equal(isValid('{ "servers": { "a b": { "command": "node" } } }'), false);
    assert.equal(isValid('{ "gateway": { "kind": "bultin" } }'), false);
  });
});
