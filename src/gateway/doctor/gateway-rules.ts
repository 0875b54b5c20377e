import { capital, sentence } from '../../platform/sentence';
import { isAnswering } from '../watch/state';
import { notApplicable, ok, problem, warning, type RuleOutcome, type Rule } from './rule';
import type { Facts } from './facts';
import { step } from '../../platform/next-step';

/** The gateway itself, and the Node that runs this. */
export const gatewayRules: readonly Rule[] = [
  { id: 'gateway.state', looksAt: 'whether the gateway answers, and how it is', judge: state },
  { id: 'gateway.network', looksAt: 'whether the dev container reaches the gateway', judge: network },
  { id: 'gateway.port', looksAt: 'whether the published port is bound to loopback', judge: port },
  { id: 'node.version', looksAt: 'the Node that runs this command', judge: nodeVersion },
];

/** The oldest Node that the package runs on, as package.json says. */
export const oldestNode = [20, 19, 0] as const;

const onTheHost = 'run the doctor on the machine that has the container engine to check this';

function state({ gateway }: Facts): RuleOutcome {
  if ('trouble' in gateway) return problem(gateway.trouble.reason, gateway.trouble.next);
  const { state } = gateway;
  if (state.status === 'creating') return warning(`it is being created: ${state.step}`, waitAndRepeat);
  if (state.status === 'starting') return warning('its servers have not settled yet', waitAndRepeat);
  if (state.status === 'healthy') return ok(`it answers at ${state.url}`);
  // What is behind it has rules of its own.
  if (isAnswering(state)) return ok(`it answers at ${state.url}; something behind it does not work`);
  return problem(`it is ${state.status}. ${capital(sentence(state.reason))}`, state.next);
}

const waitAndRepeat = step('Wait a moment, then let the doctor look again.', 'doctor');

function network({ engine, inside }: Facts): RuleOutcome {
  if (inside) return notApplicable('asked from inside, where gateway.state shows it');
  if (engine.asked === 'failed')
    return notApplicable(`${sentence(engine.trouble.reason)} ${capital(onTheHost)}.`);
  if (engine.asked === 'no' || engine.sidecar === undefined) return notApplicable('there is no sidecar');
  const { appNetworks, networks } = engine.sidecar;
  if (appNetworks.length === 0)
    return notApplicable('the dev container does not run, or shares the network of another service');
  const common = appNetworks.filter((name) => networks.includes(name));
  return common.length > 0
    ? ok(`both are on ${common.join(', ')}`)
    : problem(
        `the dev container is on ${appNetworks.join(', ')}, the gateway on ${networks.join(', ') || 'none'}`,
        step('Wire the dev container again, so that the sidecar joins its networks.', 'add'),
      );
}

function port({ engine, inside }: Facts): RuleOutcome {
  if (engine.asked === 'failed')
    return notApplicable(`${sentence(engine.trouble.reason)} ${capital(onTheHost)}.`);
  if (inside) return notApplicable(onTheHost);
  if (engine.asked === 'no' || engine.sidecar === undefined) return notApplicable('there is no sidecar');
  const { ports } = engine.sidecar;
  const open = ports.filter(({ hostIp }) => !isLoopback(hostIp));
  if (open.length > 0)
    return problem(
      `${open.map(({ hostIp, hostPort }) => `${hostIp || '0.0.0.0'}:${hostPort}`).join(', ')} can be reached from other machines`,
      step(
        'Publish it as "127.0.0.1::8811" in docker-compose.mcp-gateway.yml, then create the gateway again.',
        'up',
      ),
    );
  return ports.length === 0
    ? notApplicable('no port is published while it does not run')
    : ok(ports.map(({ hostIp, hostPort }) => `${hostIp}:${hostPort}`).join(', '));
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

function nodeVersion({ node }: Facts): RuleOutcome {
  const parts = node.split('.').map(Number);
  for (const [i, least] of oldestNode.entries()) {
    const part = parts[i] ?? 0;
    if (part > least) break;
    if (part < least)
      return problem(`Node ${node} is too old`, `Install Node ${oldestNode.join('.')} or newer.`);
  }
  return ok(`Node ${node}`);
}
