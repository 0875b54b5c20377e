import {
  defaultSettings,
  type AuditMember,
  type GatewaySettings,
  type LimitMember,
} from './gateway-settings';

/** Which of two values of a setting guards more. `free`: the setting guards nothing. */
type Stricter = 'on' | 'less' | 'more' | 'free';

/**
 * Every setting that a servers file has for the audit and the limits. A servers file comes with the repository, so it may
 * make a guard stricter, and may make it looser only when the person who has the admin token accepted that.
 */
const guards = {
  audit: { enabled: 'on', arguments: 'free', maxBytes: 'more', files: 'more' },
  limits: {
    bodyBytes: 'less',
    resultBytes: 'less',
    bodyMemoryPercent: 'less',
    eventMemoryPercent: 'less',
    headerSeconds: 'less',
    bodySeconds: 'less',
    connections: 'less',
    stopSeconds: 'free',
  },
} as const satisfies { audit: Record<AuditMember, Stricter>; limits: Record<LimitMember, Stricter> };

/** The value of a guard. */
type GuardValue = boolean | number;

/** Values that a person accepted, by the path of the setting, such as `audit.enabled`. */
export type AcceptedValues = Readonly<Record<string, GuardValue>>;

/** A setting of the servers file that is looser than what is accepted. */
export interface LooserSetting {
  /** The path below `gateway`, such as `limits.bodyBytes`. */
  setting: string;
  /** The value in the servers file. */
  asked: GuardValue;
  /** The value that is used instead. */
  used: GuardValue;
}

type Group = keyof typeof guards;

const all: readonly { group: Group; member: string; stricter: Stricter }[] = (
  Object.keys(guards) as Group[]
).flatMap((group) =>
  Object.entries(guards[group]).map(([member, stricter]) => ({ group, member, stricter })),
);

/** The path of every setting that guards something. */
export const guardSettings: readonly string[] = all
  .filter(({ stricter }) => stricter !== 'free')
  .map(({ group, member }) => `${group}.${member}`);

/**
 * The settings with every guard at least as strict as its default, or as the accepted value where that is looser; and the
 * settings for which the file asked for less.
 */
export function guarded(
  asked: GatewaySettings,
  accepted: AcceptedValues,
): { settings: GatewaySettings; looser: LooserSetting[] } {
  const settings: GatewaySettings = { ...asked, audit: { ...asked.audit }, limits: { ...asked.limits } };
  const looser: LooserSetting[] = [];
  for (const { group, member, stricter } of all) {
    const setting = `${group}.${member}`;
    const value = valueOf(asked, group, member);
    const standard = valueOf(defaultSettings, group, member);
    const least = loosest(stricter, standard, accepted[setting]);
    if (!isLooser(stricter, value, least)) continue;
    Object.assign(settings[group], { [member]: least });
    looser.push({ setting, asked: value, used: least });
  }
  return { settings, looser };
}

function valueOf(settings: GatewaySettings, group: Group, member: string): GuardValue {
  const value: unknown = Reflect.get(settings[group], member);
  if (typeof value === 'boolean' || typeof value === 'number') return value;
  throw new Error(`The setting ${group}.${member} has no value.`);
}

function loosest(stricter: Stricter, standard: GuardValue, accepted: GuardValue | undefined): GuardValue {
  return accepted !== undefined && isLooser(stricter, accepted, standard) ? accepted : standard;
}

function isLooser(stricter: Stricter, value: GuardValue, than: GuardValue): boolean {
  switch (stricter) {
    case 'on':
      return value === false && than === true;
    case 'less':
      return value > than;
    case 'more':
      return value < than;
    case 'free':
      return false;
  }
}
