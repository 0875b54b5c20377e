// Says that something long is still going on: a line that counts the seconds on a terminal, now and then a line elsewhere.
import process from 'node:process';

const everyMs = { terminal: 1000, elsewhere: 15_000 };

/** Shows `text` and the time for as long as `work` takes, and at the end how long it took. Returns what `work` returns. */
export async function withProgress(text, work, out = process.stdout) {
  const started = performance.now();
  const seconds = () => Math.round((performance.now() - started) / 1000);
  const show = (what) => out.write(out.isTTY ? `\r\u001b[K${what}` : `${what}\n`);
  show(`${text} ...`);
  const ticking = setInterval(
    () => show(`${text} ... ${seconds()} s`),
    out.isTTY ? everyMs.terminal : everyMs.elsewhere,
  );
  try {
    return await work();
  } finally {
    clearInterval(ticking);
    show(`${text}: ${seconds()} s`);
    if (out.isTTY) out.write('\n');
  }
}
