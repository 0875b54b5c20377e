/** What stands in place of a secret. */
const mask = '***';

const patterns: readonly [RegExp, string][] = [
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${mask}`],
  [
    /\b([A-Za-z0-9_]*(?:TOKEN|SECRET|PASSWORD|PASSWD|API_?KEY)["']?\s*[=:]\s*["']?)[^\s"',;]{4,}/gi,
    `$1${mask}`,
  ],
  [/(:\/\/[^\s/:@]+:)[^\s/@]+@/g, `$1${mask}@`],
];

/** A text without the given secrets and without what looks like one: for log lines that are shown to a person. */
export function redact(text: string, secrets: readonly (string | undefined)[] = []): string {
  let shown = text;
  for (const secret of secrets)
    if (secret !== undefined && secret.length >= 4) shown = shown.replaceAll(secret, mask);
  for (const [pattern, replacement] of patterns) shown = shown.replace(pattern, replacement);
  return shown;
}
