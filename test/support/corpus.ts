/** JSON texts that a parser would not print as it read them, in many combinations; deterministic. */

const awkwardScalars = [
  '9007199254740993',
  '-9007199254740993',
  '123456789012345678901234567890',
  '-0',
  '0.10000000000000000555',
  '1e400',
  '-1E+400',
  '1.0',
  '1E3',
  '5e-324',
  '""',
  '"\\ud800"',
  '"\\udfff\\ud800"',
  '"\\u0000\\u001f"',
  '"\\/slashes\\/"',
  '"é \\u00e9 \u2028 😀 \\ud83d\\ude00"',
  '"\\"quoted\\" \\\\ back"',
  'true',
  'false',
  'null',
  '{}',
  '[]',
  '[ ]',
  '{ }',
];

const contents = [
  '{"type":"text","text":"plain"}',
  '{"text":"type last","type":"text","unknown":{"x":1}}',
  '{"type":"image","data":"aGk=","mimeType":"image/png","annotations":{"priority":0.50}}',
  '{"type":"audio","data":"aGk=","mimeType":"audio/wav"}',
  '{"type":"resource_link","uri":"file:///a%20b","name":"a b","size":12345678901234567890}',
  '{"type":"resource","resource":{"uri":"mem://x","blob":"AAEC","mimeType":"application/octet-stream"}}',
  '{"type":"resource","resource":{"uri":"mem://x","text":"\\u2028"}}',
  '{"type":"from-the-future","payload":[1,2,3]}',
];

const keys = [
  '"a"',
  '"__proto__"',
  '"constructor"',
  '"a b"',
  '"\\u0061"',
  '""',
  '"é"',
  '"nextCursor"',
  '"id"',
  '"result"',
];

/** A generator of numbers below one (mulberry32): the same seed gives the same numbers. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function value(next: () => number, depth: number): string {
  const pick = (list: readonly string[]): string => list[Math.floor(next() * list.length)] ?? 'null';
  const space = pick(['', '', '', ' ', '\t', '  ']);
  const roll = next();
  if (depth <= 0 || roll < 0.4) return pick(awkwardScalars);
  const count = Math.floor(next() * 4);
  if (roll < 0.7)
    return `[${Array.from({ length: count }, () => space + value(next, depth - 1)).join(',')}${space}]`;
  // Keys repeat on purpose.
  return `{${Array.from({ length: count }, () => `${space}${pick(keys)}${space}:${value(next, depth - 1)}`).join(',')}${space}}`;
}

/** Objects of arguments, another set for each seed, each the text of one JSON object. */
export function argumentCorpus(count: number, seed = 7): string[] {
  const next = seeded(seed);
  const fixed = [
    `{"deep":${'['.repeat(5000)}${']'.repeat(5000)}}`,
    `{"deep":${'{"a":'.repeat(3000)}1${'}'.repeat(3000)}}`,
    '{"a":1,"a":2,"a":1}',
    '{"__proto__":{"polluted":true},"constructor":null}',
    `{"big":"${'x'.repeat(10 * 1024 * 1024)}"}`,
  ];
  const made = Array.from(
    { length: count },
    (_unused, i) => `{"n":${i},"v":${value(next, 5)},"v":${value(next, 2)}}`,
  );
  return [...fixed, ...made];
}

/** Tool results, another set for each seed, each the text of one JSON object. */
export function resultCorpus(count: number, seed = 11): string[] {
  const next = seeded(seed);
  const fixed = argumentCorpus(0).map((text) => `{"content":[],"structuredContent":${text}}`);
  const made = Array.from({ length: count }, (_unused, i) => {
    const blocks = contents.filter(() => next() < 0.4).join(',');
    return `{"content":[${blocks}],"structuredContent":${value(next, 5)},"isError":${i % 2 === 0},"x-unknown":${value(next, 3)},"_meta":{"n":${i}}}`;
  });
  return [...fixed, ...made];
}
