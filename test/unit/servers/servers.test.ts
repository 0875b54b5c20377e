import assert from 'node:assert/strict';
import { ParseError } from '../../../src/platform/errors';
import { defaultSettings } from '../../../src/servers/gateway-settings';
import { mergeServersFiles } from '../../../src/servers/merge';
import { parseServersFile } from '../../../src/servers/parse';
import { substitute } from '../../../src/servers/variables';

function problem(text: string): string {
  try {
    parseServersFile(text, 'servers.json');
  } catch (error) {
    assert.ok(error instanceof ParseError);
    return error.message;
  }
  return 'no problem';
}

describe('servers.json', () => {
  it('accepts comments, trailing commas and a byte-order mark', () => {
    const file = parseServersFile(
      '\uFEFF{\n// a comment\n"servers": { "a": { "command": "x", }, }, }',
      'servers.json',
    );
    assert.deepEqual([...file.servers.keys()], ['a']);
    assert.equal(file.kind, 'builtin');
  });

  it('accepts the files of Claude, Cursor and VS Code unchanged', () => {
    const claude = parseServersFile(
      '{"mcpServers":{"a":{"command":"x"},"b":{"url":"https://h/mcp"},"c":{"type":"local","command":"y"}}}',
      'f',
    );
    assert.deepEqual(
      [...claude.servers.values()].map(({ type }) => type),
      ['stdio', 'http', 'stdio'],
    );
    const vscode = parseServersFile(
      '{"inputs":[],"servers":{"a":{"type":"http","url":"http://h/mcp"}}}',
      'f',
    );
    assert.equal(vscode.servers.get('a')?.type, 'http');
  });

  const wrong: [string, string, RegExp][] = [
    [
      'broken JSON',
      '{\n  "servers": {\n    "a" {}\n}}',
      /^servers\.json:3:9: This is not valid JSON: colon expected/,
    ],
    ['an empty file', '', /^servers\.json:1:1/],
    [
      'a wrong type',
      '{\n "servers": {\n  "a": { "command": 5 } } }',
      /^servers\.json:3:21: "servers\.a\.command"/,
    ],
    [
      'an unknown server type',
      '{"servers":{"a":{"type":"ftp"}}}',
      /^servers\.json:1:\d+: "servers\.a\.type"/,
    ],
    ['a name with the separator', '{"servers":{"a__b":{"command":"x"}}}', /"__"/],
    ['a name of __proto__', '{"servers":{"__proto__":{"command":"x"}}}', /"__proto__" is not allowed/],
    ['a URL of another scheme', '{"servers":{"a":{"url":"ftp://h"}}}', /http:\/\/ or https:\/\//],
    [
      'a limit of nothing',
      '{\n"gateway":{"limits":{"connections":0}}}',
      /^servers\.json:2:36: "gateway\.limits\.connections"/,
    ],
    [
      'a rate that is no number',
      '{"servers":{"a":{"command":"x","rateLimit":{"perMinute":"1"}}}}',
      /"servers\.a\.rateLimit\.perMinute"/,
    ],
    ['an unknown kind', '{"gateway":{"kind":"nginx"}}', /"gateway\.kind"/],
    [
      'one name under both keys',
      '{"servers":{"a":{"command":"x"}},"mcpServers":{"a":{"command":"x"}}}',
      /both/,
    ],
  ];
  for (const [what, text, expected] of wrong) {
    it(`refuses ${what} and says where`, () => assert.match(problem(text), expected));
  }

  it('has settings of the gateway, with a default for each', () => {
    assert.deepEqual(parseServersFile('{}', 'f').settings, defaultSettings);
    const { settings } = parseServersFile(
      '{"gateway":{"audit":{"arguments":true},"limits":{"bodyBytes":2048}}}',
      'f',
    );
    assert.deepEqual(settings.audit, { ...defaultSettings.audit, arguments: true });
    assert.deepEqual(settings.limits, { ...defaultSettings.limits, bodyBytes: 2048 });
  });

  it('is overlaid by the personal file', () => {
    const shared = parseServersFile('{"servers":{"a":{"command":"x"},"b":{"command":"y"}}}', 'f');
    const personal = parseServersFile('{"servers":{"b":{"command":"mine"},"c":{"command":"z"}}}', 'f');
    const merged = mergeServersFiles(shared, personal);
    assert.deepEqual([...merged.servers.keys()], ['a', 'b', 'c']);
    const b = merged.servers.get('b');
    assert.equal(b?.type === 'stdio' && b.command, 'mine');
  });
});

describe('variables', () => {
  const lookup = (name: string): string | undefined => (name === 'KNOWN' ? 'value' : undefined);

  it('are filled in, by default where they have one', () => {
    assert.equal(substitute('a ${KNOWN} b ${OTHER:-c} ${OTHER:-}', lookup), 'a value b c ');
  });

  it('without a value are an error that names them, and bare $NAME is left alone', () => {
    assert.throws(() => substitute('${OTHER}', lookup), /OTHER has no value/);
    assert.equal(substitute('$KNOWN', lookup), '$KNOWN');
  });
});
