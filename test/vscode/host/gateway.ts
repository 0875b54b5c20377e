// A gateway for extension-host tests: prints its variables as one JSON line, and stops when its input ends.
import path from 'node:path';
import { realServers, startTestGateway } from '../../support/gateway';

void startTestGateway({ servers: { everything: realServers.everything } }).then((gateway) => {
  const env = {
    MCP_GATEWAY_URL: gateway.url,
    MCP_GATEWAY_AUTH_TOKEN: gateway.token,
    MCP_TEST_GATEWAY_STATE: path.join(gateway.folder, 'state'),
  };
  process.stdout.write(`${JSON.stringify(env)}\n`);
  process.stdin.once('end', () => void gateway.stop()).resume();
});
