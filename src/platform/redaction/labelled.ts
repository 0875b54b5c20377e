import { mask, type SecretSpan } from './findings';

/** What a pattern found: the label, and the value that it names, with the line around them. */
interface Labelled {
  label: string;
  value: string;
  before: string;
  after: string;
}

/** A pattern with two groups, the label and the value, and the judgement whether that value is a secret. */
interface Label {
  pattern: RegExp;
  isSecret: (found: Labelled) => boolean;
}

/** What stands in place of a value, or says something about it. */
const noValue =
  /^(?:[<$%*{[(]|(?:undefined|null|none|true|false|empty|unset|set|missing|invalid|incorrect|wrong|required|expired|denied|unknown|changed|rejected|failed|yes|no|not|ok)[.,:;!)]{0,3}$)/i;

/** The labels of settings. A longer name ends with one of them. */
const name = 'TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|(?:API|ACCESS|PRIVATE)[_-]?KEY';

const labels: readonly Label[] = [
  {
    pattern: new RegExp(
      String.raw`((?:authorization\\{0,4}["']?\s{0,4}[=:]\s{0,4}\\{0,4}["']?)?\b(?:Bearer|Basic)\s{1,4})([\w.~+/=-]{8,})`,
      'gi',
    ),
    isSecret: ({ label, value }) => /^authorization/i.test(label) || isRandom(value),
  },
  {
    pattern: new RegExp(
      String.raw`((?:${name})\\{0,4}["']?\s{0,4}[=:]\s{0,4}\\{0,4}["']?)([^\s"',;\\]{4,})`,
      'gi',
    ),
    isSecret: isSetting,
  },
  // In quotes, a value can have blanks.
  {
    pattern: new RegExp(
      String.raw`((?:${name})\\{0,4}["']?\s{0,4}[=:]\s{0,4}\\{0,4}["'])([^"'\\\r\n]{4,})`,
      'gi',
    ),
    isSecret: isSetting,
  },
  // An option of a command, with its value in the next word.
  {
    pattern: new RegExp(String.raw`(-(?:${name})\s{1,4}["']?)([^\s"',;\\-][^\s"',;\\]{3,})`, 'gi'),
    isSecret: ({ label, value }) => isRandom(value) && !isPath(value) && !isCount(label, value),
  },
  { pattern: /(:\/\/[^\s/:@]*:)([^\s/@]+)(?=@)/g, isSecret: () => true },
  // A token in place of the user of an address.
  { pattern: /(:\/\/)([^\s/:@]{16,})(?=@)/g, isSecret: ({ value }) => isRandom(value) },
];

/** The secrets in a text that are labelled as such: `Bearer …`, `PASSWORD=…`, `://user:password@`. */
export function labelledSecrets(text: string): SecretSpan[] {
  return labels.flatMap(({ pattern, isSecret }) =>
    [...text.matchAll(pattern)].flatMap(({ index, 1: label = '', 2: found = '' }) => {
      const start = index + label.length;
      const value = withoutParameters(found);
      const end = start + value.length;
      const around = { before: lineBefore(text, index), after: lineAfter(text, end) };
      return isSecret({ label, value, ...around }) ? [{ start, end, shown: mask }] : [];
    }),
  );
}

/**
 * `NAME=value`, `"name": "value"` and a line of YAML. In a sentence, such as `token: EACCES: permission denied`, the word
 * is a secret only when no word looks so.
 */
function isSetting({ label, value, before, after }: Labelled): boolean {
  if (noValue.test(value) || isCount(label, value)) return false;
  if (/[=]|["']$/.test(label)) return true;
  if (isPath(value)) return false;
  const isOnlyValue = after.trim() === '' && /^\s*(?:- )?[\w.-]*$/.test(before);
  return isRandom(value) || (isOnlyValue && !value.endsWith(':'));
}

/** Whether a word has digits among letters, upper case after lower case, or signs that words do not have. */
function isRandom(value: string): boolean {
  if (value.length < 6) return false;
  return /\d/.test(value) ? /[A-Za-z]/.test(value) : /[a-z][A-Z]|[!#$^&*+=~]/.test(value);
}

function isPath(value: string): boolean {
  return /^(?:~|\.{1,2})?\/|^[a-z]{1,10}:\/\//i.test(value);
}

/** A number beside the word "token" is a count. */
function isCount(label: string, value: string): boolean {
  return /token/i.test(label) && /^\d+$/.test(value);
}

/** In the query of an address, a value ends where the next parameter begins. */
function withoutParameters(value: string): string {
  return value.split(/&[\w.-]{1,40}=/, 1)[0] ?? value;
}

/** No more than this of a line is looked at. */
const around = 80;

function lineBefore(text: string, end: number): string {
  return (
    text
      .slice(Math.max(0, end - around), end)
      .split('\n')
      .at(-1) ?? ''
  );
}

function lineAfter(text: string, start: number): string {
  return text.slice(start, start + around).split('\n', 1)[0] ?? '';
}
