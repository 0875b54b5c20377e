import assert from 'node:assert/strict';
import {
  childEnvironment,
  passedVariables,
  withheldVariables,
} from '../../../../../src/builtin/upstream/transports/child-environment';

const names = passedVariables.flatMap((group) => group.names);

describe('the environment of a server', () => {
  it('has the variables of the table, by their exact names', () => {
    const env = Object.fromEntries(names.map((name) => [name, `of ${name}`]));
    assert.deepEqual(childEnvironment(env), env);
    assert.equal(new Set(names).size, names.length);
  });

  it('has the terminal and the certificates', () => {
    for (const name of [
      'TERM',
      'REQUESTS_CA_BUNDLE',
      'CURL_CA_BUNDLE',
      'GIT_SSL_CAINFO',
      'SSL_CERT_FILE',
      'NODE_EXTRA_CA_CERTS',
    ])
      assert.ok(names.includes(name), name);
  });

  it('has no variable that only begins like one of the table', () => {
    const secrets = [
      'UV_PUBLISH_TOKEN',
      'UV_HTTP_PASSWORD',
      'UV_INDEX_CORP_PASSWORD',
      'PIP_PASSWORD',
      'XDG_SECRET',
      'LC_SECRET',
    ];
    const others = [
      'GITHUB_TOKEN',
      'XPATH',
      'PATHS',
      'ProgramFilesSecret',
      'NPM_CONFIG__AUTH',
      'NPM_CONFIG_USERCONFIG_TOKEN',
    ];
    assert.deepEqual(
      childEnvironment(Object.fromEntries([...secrets, ...others].map((name) => [name, 'x']))),
      {},
    );
  });

  const withPasswords: [string, string, string][] = [
    ['HTTPS_PROXY', 'http://user:s3cret@proxy:8080', 's3cret'],
    ['http_proxy', 'user:s3cret@proxy:8080', 's3cret'],
    ['ALL_PROXY', 'socks5h://user:p@ss@proxy', 'p@ss'],
    ['UV_INDEX', 'https://one/ https://user:s3cret@two/simple', 's3cret'],
    ['PIP_EXTRA_INDEX_URL', 'https://t0ken-alone@host/simple', 't0ken-alone'],
    ['NPM_CONFIG_REGISTRY', 'https://user:s3cret@host/npm/', 's3cret'],
  ];
  for (const [name, value, password] of withPasswords)
    it(`lacks ${name} when an address in it has a password, which is known to the redaction`, () => {
      assert.deepEqual(childEnvironment({ [name]: value }), {});
      assert.deepEqual(withheldVariables({ [name]: value }), [{ name, passwords: [password] }]);
    });

  it('has values that only look like addresses with a password', () => {
    const env = {
      PATH: '/usr/bin:/opt/node@20/bin',
      HTTPS_PROXY: 'http://proxy:8080',
      NPM_CONFIG_REGISTRY: 'https://host/@scope/npm',
      PIP_INDEX_URL: 'https://host:8443/simple',
    };
    assert.deepEqual(childEnvironment(env), env);
  });
});
