import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import type { Facts, SidecarFacts, WiringFacts } from '../../../../src/gateway/doctor/facts';
import { oldestNode } from '../../../../src/gateway/doctor/gateway-rules';
import type { Verdict } from '../../../../src/gateway/doctor/rule';
import { examine, rules } from '../../../../src/gateway/doctor/rules';
import { doctorText } from '../../../../src/gateway/doctor/text';
import { type ServersDocument, nextFields } from '../../../../src/servers/api-types';
import { about, server } from '../watch/samples';
import { step } from '../../../../src/platform/next-step';

const since = '2026-01-01T00:00:00.000Z';
const url = 'http://127.0.0.1:1/mcp';
const trouble = { reason: 'it broke', next: step('Mend it.') };

const document: ServersDocument = { gateway: about(), servers: [server('files', 'ready')], problems: [] };
const wiring: WiringFacts = {
  config: '/w/.devcontainer/devcontainer.json',
  wired: true,
  composeFiles: [
    { file: '/w/.devcontainer/compose.yml', exists: true, ours: false },
    { file: '/w/.devcontainer/docker-compose.mcp-gateway.yml', exists: true, ours: true },
  ],
  runServices: ['app', 'mcp-gateway'],
  project: 'w',
};
const sidecar: SidecarFacts = {
  name: 'w-mcp-gateway-1',
  ports: [{ containerPort: 8811, hostIp: '127.0.0.1', hostPort: 4321 }],
  networks: ['w_default'],
  madeFrom: ['/w/.devcontainer/docker-compose.mcp-gateway.yml'],
  own: true,
  appNetworks: ['w_default'],
};
const file = { file: '/w/token.env', token: accepted(), mode: 0o600, ignored: 'yes' } as const;
const servers: Facts['servers'][number] = {
  file: '/w/servers.json',
  personal: false,
  exists: true,
  trouble: undefined,
  secrets: [],
  variables: new Map(),
};
const client: Facts['clients'][number] = {
  label: 'Claude Code',
  file: '/w/.mcp.json',
  always: true,
  found: 'entry',
  faults: [],
};

function accepted() {
  return { found: 'yes', trial: 'accepted' } as const;
}

/** A wired dev container with nothing wrong, seen from the host. */
const well: Facts = {
  node: '24.1.0',
  inside: false,
  workspace: '/w',
  gateway: { state: { status: 'healthy', since, url, gateway: about(), servers: document.servers } },
  document,
  tokens: { variable: { found: 'no' }, published: { found: 'no' }, file },
  servers: [servers],
  wiring,
  journal: undefined,
  engine: { asked: 'yes', sidecar },
  clients: [client],
  vscodeReadsRootFile: undefined,
  vscodeFileNamesGateway: false,
  project: { binds: [], direct: [], access: [], secrets: [] },
};

/** The same from inside the dev container. */
const inside: Facts = {
  ...well,
  inside: true,
  tokens: { ...well.tokens, variable: accepted(), published: accepted() },
  engine: { asked: 'no' },
};

const refused = { found: 'yes', trial: 'refused' } as const;
const unusable = { found: 'unusable', trouble } as const;

interface Case {
  rule: string;
  when: string;
  facts: Facts;
  verdict: Verdict;
  text: RegExp;
}

const cases: Case[] = [
  {
    rule: 'gateway.state',
    when: 'it is stopped',
    facts: { ...well, gateway: { state: { status: 'stopped', since, ...trouble } } },
    verdict: 'problem',
    text: /stopped\. It broke/,
  },
  {
    rule: 'gateway.state',
    when: 'there is none',
    facts: { ...well, gateway: { trouble } },
    verdict: 'problem',
    text: /it broke/,
  },
  {
    rule: 'gateway.state',
    when: 'it is starting',
    facts: { ...well, gateway: { state: { status: 'starting', since, url, servers: [], startedAt: since } } },
    verdict: 'warning',
    text: /not settled/,
  },
  {
    rule: 'gateway.network',
    when: 'the dev container is on another network',
    facts: { ...well, engine: { asked: 'yes', sidecar: { ...sidecar, appNetworks: ['other'] } } },
    verdict: 'problem',
    text: /on other, the gateway on w_default/,
  },
  {
    rule: 'gateway.network',
    when: 'the dev container shares the network of another service',
    facts: { ...well, engine: { asked: 'yes', sidecar: { ...sidecar, appNetworks: [] } } },
    verdict: 'not-applicable',
    text: /shares the network/,
  },
  {
    rule: 'gateway.port',
    when: 'it is published to everybody',
    facts: {
      ...well,
      engine: {
        asked: 'yes',
        sidecar: { ...sidecar, ports: [{ containerPort: 8811, hostIp: '0.0.0.0', hostPort: 8811 }] },
      },
    },
    verdict: 'problem',
    text: /0\.0\.0\.0:8811 can be reached/,
  },
  {
    rule: 'gateway.port',
    when: 'there is no engine',
    facts: { ...well, engine: { asked: 'failed', trouble } },
    verdict: 'not-applicable',
    text: /it broke\. .*on the machine/,
  },
  {
    rule: 'gateway.port',
    when: 'it is asked from inside',
    facts: inside,
    verdict: 'not-applicable',
    text: /on the machine/,
  },
  {
    rule: 'node.version',
    when: 'Node is too old',
    facts: { ...well, node: '20.18.9' },
    verdict: 'problem',
    text: /20\.18\.9 is too old/,
  },
  {
    rule: 'token.variable',
    when: 'the gateway refuses it',
    facts: { ...inside, tokens: { ...inside.tokens, variable: refused } },
    verdict: 'problem',
    text: /does not take it/,
  },
  {
    rule: 'token.variable',
    when: 'it is the literal text',
    facts: { ...inside, tokens: { ...inside.tokens, variable: unusable } },
    verdict: 'problem',
    text: /it broke/,
  },
  {
    rule: 'token.variable',
    when: 'a fresh clone has only the published one',
    facts: { ...inside, tokens: { ...inside.tokens, variable: { found: 'no' } } },
    verdict: 'warning',
    text: /not set/,
  },
  {
    rule: 'token.variable',
    when: 'no place in the container has one',
    facts: { ...inside, tokens: { ...inside.tokens, variable: { found: 'no' }, published: { found: 'no' } } },
    verdict: 'problem',
    text: /no other place/,
  },
  {
    rule: 'token.published',
    when: 'the gateway refuses it',
    facts: { ...inside, tokens: { ...inside.tokens, published: refused } },
    verdict: 'problem',
    text: /does not take it/,
  },
  {
    rule: 'token.file',
    when: 'the gateway was started with another',
    facts: { ...well, tokens: { ...well.tokens, file: { ...file, token: refused } } },
    verdict: 'problem',
    text: /does not take the token of \/w\/token\.env/,
  },
  {
    rule: 'token.file',
    when: 'it is missing in a fresh clone',
    facts: { ...well, tokens: { ...well.tokens, file: { ...file, token: { found: 'no' } } } },
    verdict: 'warning',
    text: /missing/,
  },
  {
    rule: 'token.file',
    when: 'nothing answers',
    facts: {
      ...well,
      tokens: { ...well.tokens, file: { ...file, token: { found: 'yes', trial: 'untested' } } },
    },
    verdict: 'not-applicable',
    text: /could not be tried/,
  },
  {
    rule: 'token.mode',
    when: 'others can read it',
    facts: { ...well, tokens: { ...well.tokens, file: { ...file, mode: 0o644 } } },
    verdict: 'problem',
    text: /0644/,
  },
  {
    rule: 'token.ignored',
    when: 'git has it',
    facts: { ...well, tokens: { ...well.tokens, file: { ...file, ignored: 'no' } } },
    verdict: 'problem',
    text: /git would commit/,
  },
  {
    rule: 'servers.files',
    when: 'one is broken',
    facts: { ...well, servers: [{ ...servers, trouble }] },
    verdict: 'problem',
    text: /it broke/,
  },
  {
    rule: 'servers.files',
    when: 'a wired workspace has none',
    facts: { ...well, servers: [{ ...servers, exists: false }] },
    verdict: 'problem',
    text: /there is no \/w\/servers\.json/,
  },
  {
    rule: 'servers.served',
    when: 'the last good state is served',
    facts: {
      ...well,
      document: {
        ...document,
        gateway: about({
          problem: { message: 'servers.json:3:4: no', file: null, line: 3, column: 4, ...nextFields('') },
        }),
      },
    },
    verdict: 'problem',
    text: /last good state: servers\.json:3:4: no/,
  },
  {
    rule: 'servers.state',
    when: 'one failed',
    facts: { ...well, document: { ...document, servers: [server('a', 'ready'), server('b', 'failed')] } },
    verdict: 'problem',
    text: /b failed: b broke/,
  },
  {
    rule: 'servers.state',
    when: 'there is none',
    facts: { ...well, document: { ...document, servers: [] } },
    verdict: 'warning',
    text: /no server/,
  },
  {
    rule: 'servers.clashes',
    when: 'two share a name',
    facts: {
      ...well,
      document: { ...document, problems: [{ message: 'two are named x', ...nextFields('') }] },
    },
    verdict: 'warning',
    text: /two are named x/,
  },
  {
    rule: 'servers.variables',
    when: 'a server failed for want of it',
    facts: {
      ...well,
      servers: [{ ...servers, variables: new Map([['KEY', ['b']]]) }],
      document: {
        ...document,
        servers: [
          {
            ...server('b', 'failed'),
            error: { message: 'The variable KEY has no value.', ...nextFields('Set KEY.') },
          },
        ],
      },
    },
    verdict: 'problem',
    text: /KEY has no value, which b needs/,
  },
  {
    rule: 'servers.variables',
    when: 'the server has not been started',
    facts: {
      ...well,
      servers: [{ ...servers, variables: new Map([['KEY', ['b']]]) }],
      document: { ...document, servers: [server('b', 'idle')] },
    },
    verdict: 'not-applicable',
    text: /shows when b starts/,
  },
  {
    rule: 'servers.secrets',
    when: 'one stands in the shared file',
    facts: { ...well, servers: [{ ...servers, secrets: [{ server: 'a', place: 'env.KEY' }] }] },
    verdict: 'problem',
    text: /env\.KEY of "a"/,
  },
  {
    rule: 'servers.users',
    when: 'a local gateway gives a server a secret',
    facts: {
      ...well,
      engine: { asked: 'no' },
      servers: [{ ...servers, variables: new Map([['KEY', ['b']]]) }],
      document: { ...document, gateway: about({ serverUsers: 'shared' }) },
    },
    verdict: 'warning',
    text: /one user, so each server can read the admin token and the secrets of b$/,
  },
  {
    rule: 'servers.users',
    when: 'a local gateway gives no server a secret',
    facts: { ...well, document: { ...document, gateway: about({ serverUsers: 'shared' }) } },
    verdict: 'ok',
    text: /none of them is given a secret/,
  },
  {
    rule: 'servers.users',
    when: 'the gateway is another user',
    facts: { ...well, document: { ...document, gateway: about({ serverUsers: 'own' }) } },
    verdict: 'ok',
    text: /a user of its own/,
  },
  {
    rule: 'servers.secrets',
    when: 'one stands in the personal file',
    facts: {
      ...well,
      servers: [servers, { ...servers, personal: true, secrets: [{ server: 'a', place: 'env.KEY' }] }],
    },
    verdict: 'warning',
    text: /env\.KEY of "a"/,
  },
  {
    rule: 'wiring.files',
    when: 'devcontainer.json is broken',
    facts: { ...well, wiring: { trouble } },
    verdict: 'problem',
    text: /it broke/,
  },
  {
    rule: 'wiring.files',
    when: 'a Compose file is missing',
    facts: {
      ...well,
      wiring: { ...wiring, composeFiles: [{ file: '/w/compose.yml', exists: false, ours: false }] },
    },
    verdict: 'problem',
    text: /\/w\/compose\.yml is not there/,
  },
  {
    rule: 'wiring.files',
    when: 'there is no Compose dev container',
    facts: { ...well, wiring: undefined },
    verdict: 'not-applicable',
    text: /no Compose/,
  },
  {
    rule: 'wiring.order',
    when: 'another file comes after ours',
    facts: { ...well, wiring: { ...wiring, composeFiles: [...wiring.composeFiles].reverse() } },
    verdict: 'problem',
    text: /compose\.yml comes after/,
  },
  {
    rule: 'wiring.services',
    when: 'runServices leaves the sidecar out',
    facts: { ...well, wiring: { ...wiring, runServices: ['app'] } },
    verdict: 'problem',
    text: /does not list mcp-gateway/,
  },
  {
    rule: 'wiring.journal',
    when: 'a change was interrupted',
    facts: { ...well, journal: '/state/journal.json' },
    verdict: 'warning',
    text: /\/state\/journal\.json/,
  },
  {
    rule: 'wiring.project',
    when: 'another folder has the same project name',
    facts: {
      ...well,
      engine: { asked: 'yes', sidecar: { ...sidecar, madeFrom: ['/other/x.yml'], own: false } },
    },
    verdict: 'problem',
    text: /made from \/other\/x\.yml: two folders share/,
  },
  {
    rule: 'clients.files',
    when: '.mcp.json of a wired workspace has no entry',
    facts: { ...well, clients: [{ ...client, found: 'no-entry' }] },
    verdict: 'problem',
    text: /has no entry/,
  },
  {
    rule: 'clients.files',
    when: 'an entry is misspelt',
    facts: { ...well, clients: [{ ...client, faults: ['"type" is missing'] }] },
    verdict: 'problem',
    text: /\.mcp\.json: "type" is missing/,
  },
  {
    rule: 'clients.vscode',
    when: 'two files give it',
    facts: { ...well, vscodeReadsRootFile: true, vscodeFileNamesGateway: true },
    verdict: 'warning',
    text: /twice/,
  },
  {
    rule: 'clients.vscode',
    when: 'VS Code does not read .mcp.json',
    facts: well,
    verdict: 'ok',
    text: /chat\.mcp\.workspaceRootConfig\.enabled/,
  },
];

for (const [what, verdict] of [
  ['binds', 'warning'],
  ['direct', 'warning'],
  ['secrets', 'problem'],
  ['access', 'warning'],
] as const)
  cases.push({
    rule: `project.${what}`,
    when: 'a file has one',
    facts: { ...well, project: { ...well.project, [what]: ['compose.yml: told'] } },
    verdict,
    text: /compose\.yml: told/,
  });

describe('the doctor', () => {
  for (const [name, facts] of [
    ['on the host', well],
    ['inside the dev container', inside],
  ] as const)
    it(`finds nothing wrong where nothing is, ${name}`, () => {
      const checks = examine(facts);
      assert.deepEqual(
        checks.filter(({ verdict }) => verdict === 'problem' || verdict === 'warning'),
        [],
      );
      assert.deepEqual(new Set(checks.map(({ rule }) => rule)), new Set(rules.map(({ id }) => id)));
    });

  for (const { rule, when, facts, verdict, text } of cases)
    it(`${rule}: ${verdict} when ${when}`, () => {
      const checks = examine(facts).filter((check) => check.rule === rule);
      const [first] = checks;
      assert.ok(first, `no answer of ${rule}`);
      assert.equal(first.verdict, verdict, first.text);
      assert.match(first.text, text);
      if ('next' in first) assert.notEqual(first.next.text, '');
    });

  it('tries every rule in a bad case, or says why it has none', () => {
    const tried = new Set(cases.map(({ rule }) => rule));
    assert.deepEqual(
      rules.map(({ id }) => id).filter((id) => !tried.has(id)),
      [],
    );
  });

  it('tells problems first, each with its next step', () => {
    const facts = { ...well, journal: '/j', node: '18.0.0' };
    const lines = doctorText(facts, examine(facts)).split('\n');
    assert.match(lines[0] ?? '', /^PROBLEM +node\.version +Node 18\.0\.0 is too old$/);
    assert.match(lines[1] ?? '', /^ +Next: Install Node/);
    assert.match(lines[2] ?? '', /^warning +wiring\.journal/);
    assert.match(lines.at(-2) ?? '', /^\/w, from the host: 1 problem, 1 warning\.$/);
  });

  it('asks for the Node that package.json asks for', async () => {
    const text = await readFile(path.resolve(__dirname, '../../../../package.json'), 'utf8');
    const manifest = v.parse(v.object({ engines: v.object({ node: v.string() }) }), JSON.parse(text));
    assert.equal(manifest.engines.node, `>=${oldestNode.join('.')}`);
  });
});
