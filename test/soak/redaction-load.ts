import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { eventually } from '../support/eventually';
import type { TestGateway } from '../support/gateway';
import type { RawClient } from '../support/raw-client';

/** Sizes of secrets, from 1 byte to 64 KiB. */
const sizes = Array.from({ length: 17 }, (_, i) => 2 ** i);

/** A secret of each size: some random, some as repetitive as a secret can be. */
const soakSecrets: readonly string[] = sizes.map((size, n) =>
  n % 4 === 3
    ? 'a'.repeat(size)
    : Array.from({ length: size }, (_, i) =>
        String.fromCharCode(33 + ((i * i * 31 + i * n + 7 * n) % 89)),
      ).join(''),
);

export const figuresFile = path.join(os.tmpdir(), `mcp-gateway-soak-${process.pid}.json`);

/** The environment of a gateway that reports the delays of its event loop. */
export const figuresEnvironment: Readonly<Record<string, string>> = {
  NODE_OPTIONS: `--require=${path.join(__dirname, 'loop-delay.cjs')}`,
  MCP_SOAK_FIGURES: figuresFile,
};

interface LoopFigures {
  longest: number;
  p99: number;
  busiest: number;
  rss: number;
}

/** The last figures of the gateway, which writes the first ones a while after its start. */
export async function readFigures(): Promise<LoopFigures> {
  let text = '';
  await eventually(
    async () => (text = await readFile(figuresFile, 'utf8').catch(() => '')) !== '',
    'the first figures of the gateway',
  );
  return JSON.parse(text) as LoopFigures;
}

export async function setSecrets(gateway: TestGateway): Promise<void> {
  const admin = (await readFile(path.join(gateway.folder, 'state/admin-token'), 'utf8')).trim();
  for (const [n, body] of soakSecrets.entries()) {
    const headers = { authorization: `Bearer ${admin}` };
    const response = await gateway.fetch(`/api/secrets/SOAK_${n}`, { method: 'PUT', headers, body });
    assert.equal(response.status, 204);
  }
}

/** Texts that take long where a search is not linear, and secrets in some of their forms. */
function worstTexts(): string[] {
  const size = 200 * 1024;
  const pumps = [
    'eyJaaaaaaaa-',
    'a',
    '%4',
    '\\u00',
    '${A:-',
    '://a',
    'deadbeef',
    'QUJD',
    '-----BEGIN ',
    'TOKEN=',
  ];
  const last = soakSecrets.at(-2) ?? '';
  return [
    ...pumps.map((pump) => pump.repeat(size / pump.length)),
    ...soakSecrets.filter(({ length }) => length >= 6),
    Buffer.from(last).toString('base64'),
    Buffer.from(last).toString('hex'),
    encodeURIComponent(last),
  ];
}

/** Makes calls whose names, keys and URIs are such texts, until `isOver`. Returns their number. */
export async function loadRedaction(client: RawClient, isOver: () => boolean): Promise<number> {
  const texts = worstTexts();
  let made = 0;
  for (let i = 0; !isOver(); i += 1) {
    const text = texts[i % texts.length] ?? '';
    const calls: [string, unknown][] = [
      ['tools/call', { name: 'progress', arguments: { [text]: 1 } }],
      ['tools/call', { name: text, arguments: {} }],
      ['resources/read', { uri: `x://${text}` }],
    ];
    for (const [method, params] of calls) {
      const id = `load-${(made += 1)}`;
      const response = await client.post(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
      await response.text();
    }
  }
  return made;
}
