import assert from 'node:assert/strict';
import { defaultSettings, type GatewaySettings } from '../../../src/servers/gateway-settings';
import { guarded, guardSettings } from '../../../src/servers/guards';

const asked = (change: {
  audit?: Partial<GatewaySettings['audit']>;
  limits?: Partial<GatewaySettings['limits']>;
}): GatewaySettings => ({
  ...defaultSettings,
  audit: { ...defaultSettings.audit, ...change.audit },
  limits: { ...defaultSettings.limits, ...change.limits },
});

/** A value on the loose and one on the strict side of each guard's default. */
const sides: Record<string, { loose: boolean | number; strict: boolean | number }> = {
  'audit.enabled': { loose: false, strict: true },
  'audit.maxBytes': { loose: 1024, strict: 100 * 1024 * 1024 },
  'audit.files': { loose: 1, strict: 50 },
  'limits.bodyBytes': { loose: 1024 ** 3, strict: 1024 },
  'limits.resultBytes': { loose: 1024 ** 3, strict: 1024 },
  'limits.bodyMemoryPercent': { loose: 100, strict: 1 },
  'limits.eventMemoryPercent': { loose: 100, strict: 1 },
  'limits.headerSeconds': { loose: 3600, strict: 1 },
  'limits.bodySeconds': { loose: 3600, strict: 1 },
  'limits.connections': { loose: 100_000, strict: 10 },
};

const setTo = (setting: string, value: boolean | number): GatewaySettings => {
  const [group, member] = setting.split('.') as ['audit' | 'limits', string];
  return asked({ [group]: { [member]: value } });
};

const valueOf = (settings: GatewaySettings, setting: string): unknown => {
  const [group, member] = setting.split('.') as ['audit' | 'limits', string];
  return Reflect.get(settings[group], member);
};

describe('the guards of a servers file', () => {
  it('are every setting of the audit and the limits but those that guard nothing', () => {
    const every = (['audit', 'limits'] as const).flatMap((group) =>
      Object.keys(defaultSettings[group]).map((member) => `${group}.${member}`),
    );
    assert.deepEqual([...guardSettings, 'audit.arguments', 'limits.stopSeconds'].sort(), every.sort());
    assert.deepEqual(Object.keys(sides).sort(), [...guardSettings].sort());
  });

  for (const [setting, { loose, strict }] of Object.entries(sides)) {
    it(`${setting} can be made stricter, and not looser`, () => {
      const stricter = guarded(setTo(setting, strict), {});
      assert.equal(valueOf(stricter.settings, setting), strict);
      assert.deepEqual(stricter.looser, []);
      const looser = guarded(setTo(setting, loose), {});
      const standard = valueOf(defaultSettings, setting);
      assert.equal(valueOf(looser.settings, setting), standard);
      assert.deepEqual(looser.looser, [{ setting, asked: loose, used: standard }]);
    });

    it(`${setting} is as loose as was accepted, and no looser`, () => {
      const accepted = { [setting]: loose };
      const { settings, looser } = guarded(setTo(setting, loose), accepted);
      assert.equal(valueOf(settings, setting), loose);
      assert.deepEqual(looser, []);
      // What was accepted is not what the file says: without the setting the default holds.
      assert.deepEqual(guarded(defaultSettings, accepted).settings, defaultSettings);
    });
  }

  it('do not take a stricter accepted value for a limit', () => {
    const { settings } = guarded(defaultSettings, { 'limits.connections': 1, 'audit.enabled': true });
    assert.deepEqual(settings, defaultSettings);
  });

  it('leave the other settings alone', () => {
    const other = { ...asked({ audit: { arguments: true } }), slowCallSeconds: 99 };
    assert.deepEqual(guarded(other, {}), { settings: other, looser: [] });
  });
});
