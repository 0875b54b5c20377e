import { baseName, type ProjectFile } from './project-files';

/** Longer lines are minified code: their beginning is enough. */
const longestLine = 4096;

/** What tokens of known services look like, under any name. */
const tokenForms: readonly { of: string; form: RegExp }[] = [
  { of: 'GitHub', form: /gh[opusr]_[A-Za-z0-9]{36}/ },
  { of: 'GitHub', form: /github_pat_[A-Za-z0-9_]{40}/ },
  { of: 'GitLab', form: /glpat-[\w-]{20}/ },
  { of: 'Anthropic', form: /sk-ant-[\w-]{24}/ },
  { of: 'OpenAI', form: /(?<![A-Za-z0-9])sk-(?:proj-)?[A-Za-z0-9]{32}/ },
  { of: 'Slack', form: /xox[abprs]-[\w-]{16}/ },
  { of: 'AWS', form: /A(?:KIA|SIA)[0-9A-Z]{16}/ },
  { of: 'Google', form: /AIza[\w-]{35}/ },
  { of: 'npm', form: /npm_[A-Za-z0-9]{36}/ },
  { of: 'PyPI', form: /pypi-AgEI[\w-]{40}/ },
  { of: 'Hugging Face', form: /hf_[A-Za-z0-9]{34}/ },
  { of: 'Stripe', form: /[sr]k_live_[A-Za-z0-9]{20}/ },
  { of: 'SendGrid', form: /SG\.[\w-]{22}\.[\w-]{43}/ },
  { of: 'Docker', form: /dckr_pat_[\w-]{24}/ },
  { of: 'Sentry', form: /sntry[su]_[\w=+/]{32}/ },
  { of: 'Linear', form: /lin_api_[A-Za-z0-9]{32}/ },
  { of: 'Vault', form: /hvs\.[\w-]{24}/ },
  { of: 'a JSON Web Token', form: /\.eyJ[\w-]{21}/ },
];
const privateKey = /-----BEGIN (?:[A-Z]{2,10} )?PRIVATE KEY-----(?:\r?$|\\n)/;
const urlPassword = /:\/\/([^\s:/@"']{0,200}):([^\s/@"']{1,200})@/;
const assignment =
  /(?<![\w.-])([A-Za-z_][\w.-]{0,80})["']?[\t ]{0,4}[:=][\t ]{0,4}["']?(?:(?:Bearer|Basic|Token)[\t ]{1,4})?([^\s"',;#{}[\]]{8,400})/g;
const option = /"--?([a-z][\w-]{0,80})"[\t ]{0,4},[\t ]{0,4}"([^\s"]{8,400})"/g;
const secretName = /token|secret|passw|credential|authorization|cookie|api.?key|private.?key|access.?key/i;
/** Names of what describes a secret and is none. */
const aboutSecret =
  /(?:file|path|dir|env|name|url|uri|type|ttl|limit|count|length|budget|backend|provider|manager|store|driver|mode|version|expiry|expires|timeout|header|algorithm|id|region|zone|model|domain|issuer|audience|namespace)$/i;
const placeholder =
  /^encrypted:|change.?me|example|sample|placeholder|dummy|your|insert|replace|redacted|todo|xxxx|0000|1234567|\*\*\*|\.\.\.|<|>|\$|\{|%|localhost|development|not-?a-?secret|eyJzdWIiOiIxMjM0NTY3ODkw/i;
/** Passwords that say that they protect nothing. */
const weak = [
  'pass',
  'passwd',
  'pwd',
  'pw',
  'password',
  'postgres',
  'root',
  'admin',
  'secret',
  'test',
  'guest',
  'mysql',
  'redis',
  'user',
  'dev',
];

/** Secrets in the text of a file that is in Git: where, and what kind; never the value. */
export function committedSecrets(file: ProjectFile): string[] {
  const isSettings = file.kind !== 'other' || isEnvFile(file);
  const found = new Set<string>();
  for (const [index, line] of file.text.split('\n').entries()) {
    const place = `${file.name}:${index + 1}`;
    const what = secretIn(line.slice(0, longestLine), isSettings && !isTemplate(file));
    if (what !== undefined) found.add(`${place}: ${what}`);
    if (found.size >= 20) break;
  }
  return [...found];
}

/** Whether a file holds variables for containers or programs. */
function isEnvFile(file: ProjectFile): boolean {
  const name = baseName(file);
  return name === '.env' || name.startsWith('.env.') || name.endsWith('.env') || name === '.envrc';
}

function isTemplate(file: ProjectFile): boolean {
  return /\.(?:example|sample|template|dist|tpl|defaults?)$/i.test(file.name);
}

function secretIn(line: string, isSettings: boolean): string | undefined {
  for (const { of, form } of tokenForms) {
    const text = form.exec(line)?.[0];
    if (text !== undefined && !placeholder.test(text) && isVaried(text))
      return of.startsWith('a ') ? of : `a token of ${of}`;
  }
  if (privateKey.test(line)) return 'a private key';
  const [, user = '', password] = urlPassword.exec(line) ?? [];
  if (password !== undefined && password !== user && !isPlain(password)) return 'a password in a URL';
  if (!isSettings) return undefined;
  for (const pattern of [assignment, option])
    for (const [, name = '', value = ''] of line.matchAll(pattern))
      if (secretName.test(name) && !aboutSecret.test(name) && looksSecret(value))
        return `a literal value of ${name}`;
  return undefined;
}

function isPlain(value: string): boolean {
  return placeholder.test(value) || weak.includes(value.toLowerCase());
}

/** Words alone, as in `keychain`, are settings: a secret has more kinds of characters. */
function looksSecret(value: string): boolean {
  if (isPlain(value) || /^[\w-]{0,20}:\/\//.test(value) || /^[./~]/.test(value)) return false;
  if (/^\d+$/.test(value)) return false;
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z\d]/].filter((kind) => kind.test(value)).length;
  return isVaried(value) && /\d|[A-Z]/.test(value) && (kinds >= 3 || (kinds === 2 && value.length >= 12));
}

function isVaried(text: string): boolean {
  return new Set(text).size >= 7;
}
