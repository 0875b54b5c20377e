import assert from 'node:assert/strict';
import { processIdentity } from '../../../src/platform/process-identity';

describe('the identity of a process', function () {
  before(function () {
    if (process.platform === 'win32') this.skip();
  });

  it('from ps is the same in every time zone and language', async () => {
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
});

function restore(name: string, value: string | undefined): void {
  if (value === undefined) Reflect.deleteProperty(process.env, name);
  else process.env[name] = value;
}
