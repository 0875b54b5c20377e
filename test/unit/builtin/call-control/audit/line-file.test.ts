import assert from 'node:assert/strict';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { LineFile } from '../../../../../src/builtin/call-control/audit/line-file';
import { RotatingFile } from '../../../../../src/builtin/call-control/audit/rotating-file';
import { eventually } from '../../../../support/eventually';

describe('the file of the audit', () => {
  let folder: string;
  let file: string;
  const failures: unknown[] = [];
  let mended = 0;
  const host = {
    failed: (error: unknown): void => void failures.push(error),
    mended: (): void => void (mended += 1),
  };
  const lines = (name: string): LineFile =>
    new LineFile(new RotatingFile(name, { maxBytes: 1e6, files: 2 }), host);

  beforeEach(async () => {
    failures.length = 0;
    mended = 0;
    folder = await mkdtemp(path.join(os.tmpdir(), 'line-file-'));
    file = path.join(folder, 'lines');
  });
  afterEach(async () => await rm(folder, { recursive: true }));

  it('has a line when its promise has resolved, in the order in which they came', async () => {
    const log = lines(file);
    for (let round = 0; round < 3; round += 1)
      await Promise.all(
        [0, 1, 2].map(async (n) => {
          await log.append(`${round}${n}\n`);
          assert.ok((await readFile(file, 'utf8')).includes(`${round}${n}\n`));
        }),
      );
    assert.equal(await readFile(file, 'utf8'), '00\n01\n02\n10\n11\n12\n20\n21\n22\n');
    await log.close();
  });

  it('is written at once for a line that comes alone, and once a turn for lines that come together', async () => {
    const watched = new RotatingFile(file, { maxBytes: 1e6, files: 2 });
    const writeNow = watched.writeNow.bind(watched);
    const written: string[] = [];
    watched.writeNow = (text) => {
      written.push(text.replaceAll('\n', ' ').trim());
      writeNow(text);
    };
    let now = 0;
    const log = new LineFile(watched, host, () => now);
    const after = async (ms: number, ...lines: string[]): Promise<void> => {
      now += ms;
      await Promise.all(lines.map(async (line) => log.append(`${line}\n`)));
    };
    await after(1, 'alone');
    await after(1, 'a', 'b', 'c');
    await after(0.01, 'd', 'e');
    await after(1, 'alone again');
    assert.deepEqual(written, ['alone', 'a', 'b c', 'd e', 'alone again']);
    assert.equal(await readFile(file, 'utf8'), 'alone\na\nb\nc\nd\ne\nalone again\n');
    await log.close();
  });

  it('goes to another thread when the disk is slow, and keeps the order', async () => {
    const slow = new RotatingFile(file, { maxBytes: 1e6, files: 2 });
    const inPlace = slow.writeNow.bind(slow);
    const counts = { inPlace: 0, elsewhere: 0 };
    slow.writeNow = (text) => {
      counts.inPlace += 1;
      for (const end = performance.now() + 150; performance.now() < end;);
      inPlace(text);
    };
    const elsewhere = slow.write.bind(slow);
    slow.write = async (text) => {
      counts.elsewhere += 1;
      await elsewhere(text);
    };
    const log = new LineFile(slow, host);
    await log.append('0\n');
    const rest: Promise<void>[] = [];
    for (let n = 1; n < 20; n += 1) {
      rest.push(log.append(`${n}\n`) ?? Promise.resolve());
      if (n % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await log.close();
    await Promise.all(rest);
    assert.equal(await readFile(file, 'utf8'), Array.from({ length: 20 }, (_, n) => `${n}\n`).join(''));
    assert.equal(counts.inPlace, 1);
    assert.ok(counts.elsewhere > 0);
    assert.deepEqual(failures, []);
  });

  it('is created again when it was removed', async () => {
    const log = lines(file);
    await log.append('first\n');
    await rename(file, `${file}.taken`);
    await eventually(async () => {
      await log.append('later\n');
      return (await readFile(file, 'utf8')).startsWith('later\n');
    });
    await log.close();
  });

  it('reports failed writes, delays no call, and continues when the disk is back', async () => {
    if (process.platform !== 'linux') return;
    const full = new RotatingFile('/dev/full', { maxBytes: 1e6, files: 2 });
    const log = new LineFile(full, host);
    await log.append('lost\n');
    assert.match(String(failures[0]), /ENOSPC/);
    await log.append('lost as well\n');
    assert.equal(failures.length, 2);
    await log.close();
  });
  it('says once that lines are written again after a failure', async () => {
    let broken = true;
    const file2 = new RotatingFile(file, { maxBytes: 1e6, files: 2 });
    const writeNow = file2.writeNow.bind(file2);
    file2.writeNow = (text) => {
      if (broken) throw new Error('no room');
      writeNow(text);
    };
    const log = new LineFile(file2, host);
    await log.append('lost\n');
    assert.equal(mended, 0);
    broken = false;
    await log.append('kept\n');
    await log.append('kept as well\n');
    assert.equal(mended, 1);
    await log.close();
  });

  it('loses the part of a line that an earlier process left, and nothing else', async () => {
    const whole = `${'x'.repeat(100_000)}\nsecond\n`;
    for (const [before, after] of [
      [`${whole}{"half":`, whole],
      [`${whole}${'y'.repeat(200_000)}`, whole],
      ['no line at all', ''],
      [whole, whole],
      ['', ''],
    ] as const) {
      await writeFile(file, before);
      const log = lines(file);
      await log.append('new\n');
      await log.close();
      assert.equal(await readFile(file, 'utf8'), `${after}new\n`);
    }
  });
});
