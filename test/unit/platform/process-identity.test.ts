import assert from 'node:assert/strict';
import { isLiving, processIdentity } from '../../../src/platform/process-identity';
import { startUnreaped } from '../../support/zombie';
import { skipBecause } from '../../support/skip';

/** Those that can be tried here: `ps` is on Linux as well. */
const platforms = (['linux', 'darwin'] as const).filter(
  (platform) => platform === process.platform || (platform === 'darwin' && process.platform === 'linux'),
);

describe('a process that was seen before', function () {
  before(function () {
    if (platforms.length === 0) skipBecause(this, 'no way to tell processes apart is known here');
  });

  it('has the same identity in every time zone and language of the caller of ps', async () => {
    const { TZ, LC_ALL } = process.env;
    try {
      process.env['TZ'] = 'UTC';
      const first = await processIdentity(process.pid, 'darwin');
      assert.match(first ?? '', /\d\d:\d\d:\d\d/);
      process.env['TZ'] = 'EST5';
      process.env['LC_ALL'] = 'de_DE.UTF-8';
      assert.equal(await processIdentity(process.pid, 'darwin'), first);
    } finally {
      restore('TZ', TZ);
      restore('LC_ALL', LC_ALL);
    }
  });

  for (const platform of platforms) {
    it(`lives, and another of its id does not count as it (${platform})`, async () => {
      const { pid } = process;
      const identity = (await processIdentity(pid, platform)) ?? assert.fail('it has no identity');
      assert.ok(await isLiving({ pid, identity }, platform));
      assert.ok(!(await isLiving({ pid, identity: `${identity} of another` }, platform)));
      assert.ok(await isLiving({ pid, identity: '' }, platform), 'its id is all that is known');
    });

    it(`has ended when it is a zombie (${platform})`, async () => {
      const child = await startUnreaped();
      try {
        const { pid } = child;
        const identity = (await processIdentity(pid, platform)) ?? assert.fail('it has no identity');
        assert.ok(await isLiving({ pid, identity }, platform));
        await child.end();
        assert.ok(!(await isLiving({ pid, identity }, platform)));
        assert.ok(!(await isLiving({ pid, identity: '' }, platform)));
        assert.equal(await processIdentity(pid, platform), undefined);
      } finally {
        await child.dispose();
      }
    });
  }
});

function restore(name: string, value: string | undefined): void {
  if (value === undefined) Reflect.deleteProperty(process.env, name);
  else process.env[name] = value;
}
