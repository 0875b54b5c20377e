import type { GatewayAddress } from '../../gateway/address';
import type { Driver, Session } from '../../gateway/driver';
import type { Finding } from '../../gateway/watch/state';
import { AppError, messageOf } from '../../platform/errors';
import { step } from '../../platform/next-step';
import type { ServerReport } from '../../servers/api-types';
import { sentence } from '../../platform/sentence';

const answerMs = 10_000;
const look = step('Check the URL and the token, then look again.', 'status');

/** Connects to the endpoint and lists its tools: what answers is one server. Never throws. */
export async function endpointHealth(address: GatewayAddress, signal: AbortSignal): Promise<Finding> {
  const url = address.url.href;
  const { HttpDriver } = await import('../../gateway/drivers/http');
  const target = { kind: 'http', url: address.url, tokens: [], source: address.source } as const;
  const driver = new HttpDriver(target, address.token);
  try {
    return { type: 'answered', url, ready: true, ...(await seenBy(driver, signal)) };
  } catch (error) {
    const reason = sentence(messageOf(error));
    const next = (error instanceof AppError ? error.next : undefined) ?? look;
    const silent = error instanceof AppError && ['unreachable', 'timeout'].includes(error.code);
    return { type: silent ? 'silent' : 'unfit', url, reason, next };
  }
}

async function seenBy(driver: Driver, signal: AbortSignal) {
  const session = await driver.connect({ signal, timeoutMs: answerMs });
  try {
    const [tools, resources, prompts] = await Promise.all([
      driver.listTools(session),
      driver.listResources(session).catch(() => []),
      driver.listPrompts(session).catch(() => []),
    ]);
    const counts = { tools: tools.length, resources: resources.length, prompts: prompts.length };
    const { name = 'server', version = '' } = session.gateway ?? {};
    const gateway = {
      kind: 'http',
      version,
      pid: null,
      startedAt: null,
      servers: null,
      problem: null,
    } as const;
    return { gateway, servers: [report(name, session, counts)] };
  } finally {
    await driver.dispose(session);
  }
}

function report(
  name: string,
  { gateway }: Session,
  counts: Pick<ServerReport['counts'], 'tools' | 'resources' | 'prompts'>,
): ServerReport {
  return {
    name,
    type: 'http',
    state: 'ready',
    enabled: true,
    error: null,
    activity: null,
    counts: { ...counts, resourceTemplates: 0, calls: 0, errors: 0 },
    pid: null,
    url: null,
    startedAt: null,
    restarts: 0,
    description: null,
    serverInfo: gateway ?? null,
    protocolVersion: null,
  };
}
