/** Variables of the gateway that its servers receive, and what for. */
interface PassedVariables {
  purpose: string;
  names: readonly string[];
}

/** The variables of the gateway that its servers receive. All others, such as secrets, are not passed on. */
export const passedVariables: readonly PassedVariables[] = [
  {
    purpose: 'programs, user and terminal',
    names: ['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'TERM', 'TMPDIR', 'TEMP', 'TMP'],
  },
  {
    purpose: 'language and time zone',
    names: [
      ...['LANG', 'LANGUAGE', 'TZ', 'LC_ALL', 'LC_ADDRESS', 'LC_COLLATE', 'LC_CTYPE', 'LC_IDENTIFICATION'],
      ...[
        'LC_MEASUREMENT',
        'LC_MESSAGES',
        'LC_MONETARY',
        'LC_NAME',
        'LC_NUMERIC',
        'LC_PAPER',
        'LC_TELEPHONE',
      ],
      'LC_TIME',
    ],
  },
  {
    purpose: 'proxies',
    names: [
      ...['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'],
      ...['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'],
    ],
  },
  {
    purpose: 'certificates',
    names: [
      ...['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE'],
      'GIT_SSL_CAINFO',
    ],
  },
  {
    purpose: 'npm',
    names: [
      ...['NPM_CONFIG_CACHE', 'NPM_CONFIG_REGISTRY', 'NPM_CONFIG_USERCONFIG'],
      ...['npm_config_cache', 'npm_config_registry', 'npm_config_userconfig'],
    ],
  },
  {
    purpose: 'uv',
    names: [
      ...[
        'UV_CACHE_DIR',
        'UV_CONFIG_FILE',
        'UV_DEFAULT_INDEX',
        'UV_EXTRA_INDEX_URL',
        'UV_INDEX',
        'UV_INDEX_URL',
      ],
      ...[
        'UV_LINK_MODE',
        'UV_NATIVE_TLS',
        'UV_OFFLINE',
        'UV_PYTHON',
        'UV_PYTHON_DOWNLOADS',
        'UV_PYTHON_INSTALL_DIR',
      ],
      ...['UV_PYTHON_INSTALL_MIRROR', 'UV_PYTHON_PREFERENCE', 'UV_TOOL_BIN_DIR', 'UV_TOOL_DIR'],
    ],
  },
  {
    purpose: 'pip',
    names: [
      ...['PIP_CACHE_DIR', 'PIP_CERT', 'PIP_CONFIG_FILE', 'PIP_EXTRA_INDEX_URL', 'PIP_INDEX_URL'],
      ...['PIP_NO_CACHE_DIR', 'PIP_TRUSTED_HOST'],
    ],
  },
  {
    purpose: 'folders of the user',
    names: [
      ...['XDG_CACHE_HOME', 'XDG_CONFIG_DIRS', 'XDG_CONFIG_HOME', 'XDG_DATA_DIRS', 'XDG_DATA_HOME'],
      ...['XDG_RUNTIME_DIR', 'XDG_STATE_HOME'],
    ],
  },
  {
    purpose: 'Windows',
    names: [
      ...[
        'SystemRoot',
        'SystemDrive',
        'windir',
        'ComSpec',
        'PATHEXT',
        'APPDATA',
        'LOCALAPPDATA',
        'USERPROFILE',
      ],
      ...['ProgramFiles', 'ProgramFiles(x86)', 'ProgramW6432', 'ProgramData'],
    ],
  },
];

/** The variables that the engine's client needs to find its engine. */
export const engineVariables: readonly string[] = [
  ...['DOCKER_API_VERSION', 'DOCKER_CERT_PATH', 'DOCKER_CONFIG', 'DOCKER_CONTEXT', 'DOCKER_DEFAULT_PLATFORM'],
  ...['DOCKER_HOST', 'DOCKER_TLS', 'DOCKER_TLS_VERIFY', 'SSH_AUTH_SOCK'],
];

const passedNames = passedVariables.flatMap(({ names }) => names);

/**
 * The environment that every server begins with. A value that has an address with a password, such as that of a proxy, is
 * left out: a server gets it only when its definition names it.
 */
export function childEnvironment(env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const own = variablesOf(passedNames, env);
  return Object.fromEntries(
    Object.entries(own).filter(([name, value]) => passwordsIn(name, value).length === 0),
  );
}

/** The variables that would be passed to servers, if they had no password, and their passwords. */
export function withheldVariables(env: NodeJS.ProcessEnv): { name: string; passwords: string[] }[] {
  return Object.entries(variablesOf(passedNames, env)).flatMap(([name, value]) => {
    const passwords = passwordsIn(name, value);
    return passwords.length === 0 ? [] : [{ name, passwords }];
  });
}

/** The variables with these names. On Windows, upper and lower case are the same. */
export function variablesOf(
  names: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  const wanted = new Set(names.map(sameCase));
  return Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && wanted.has(sameCase(entry[0])),
    ),
  );
}

function sameCase(name: string): string {
  return process.platform === 'win32' ? name.toUpperCase() : name;
}

/** The passwords, or the tokens in place of a user, of the addresses in a value. A proxy needs no scheme. */
function passwordsIn(name: string, value: string): string[] {
  return value.split(/[\s,]+/).flatMap((word) => {
    const [, scheme, login = ''] = /^([A-Za-z][\w+.-]*:\/\/)?([^/]+)@[^/@]/.exec(word) ?? [];
    const colon = login.indexOf(':');
    if (login === '' || (scheme === undefined && (colon < 0 || !/_proxy$/i.test(name)))) return [];
    return [login.slice(colon + 1)].filter((password) => password !== '');
  });
}
