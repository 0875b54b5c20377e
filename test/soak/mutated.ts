/** One to four bytes replaced, taken out, doubled or put in; `pick` gives a number below another one. */
export function mutated(bytes: Buffer, pick: (count: number) => number): Buffer {
  let out = bytes;
  for (let change = pick(4); change >= 0; change -= 1) {
    const at = pick(out.length + 1);
    const kinds = [
      () => [out.subarray(0, at), Buffer.from([pick(256)]), out.subarray(at + 1)],
      () => [out.subarray(0, at), out.subarray(at + pick(8))],
      () => [out.subarray(0, at), out.subarray(Math.max(0, at - 8), at), out.subarray(at)],
      () => [out.subarray(0, at), Buffer.from([pick(256)]), out.subarray(at)],
      () => [out.subarray(0, at)],
    ];
    out = Buffer.concat(kinds[pick(kinds.length)]?.() ?? [out]);
  }
  return out;
}
