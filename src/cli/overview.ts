import type { GatewayOverview, Placement } from '../gateway/manager';
import type { ServerReport } from '../servers/api-types';
import type { GatewayState } from '../gateway/watch/state';
import { AppError } from '../platform/errors';
import { printJson, type CliIo } from './io';
import { age, table } from './table';
import { nextFields } from '../servers/api-types';
import { step, stepText } from '../platform/next-step';
import { capital, sentence } from '../platform/sentence';

/** Prints the state of a gateway: for a person, or as one JSON document. */
export function printOverview(io: CliIo, overview: GatewayOverview, json: boolean): void {
  if (json) printJson(io, document(overview));
  else io.stdout(overviewText(overview));
}

/** The JSON form: state and placement side by side. */
export function document({ state, placement, notes }: GatewayOverview): object {
  const next = 'next' in state ? nextFields(state.next) : {};
  return { ...state, ...next, placement, notes };
}

/** The form for people. */
export function overviewText({ state, placement, notes }: GatewayOverview, now = Date.now()): string {
  const facts: [string, string][] = [['gateway', `${state.status}${startedText(state, now)}`]];
  if ('url' in state && state.url !== null) facts.push(['url', state.url]);
  facts.push(['runs', placeText(placement)]);
  if ('gateway' in state && state.gateway.servers !== null) facts.push(['file', state.gateway.servers]);
  const parts = [table(facts)];
  if ('servers' in state && state.servers.length > 0) parts.push(serversText(state.servers));
  if ('reason' in state) parts.push(`${capital(sentence(state.reason))}\n`);
  if ('log' in state && state.log.length > 0)
    parts.push(
      `Its last log lines:\n${state.log
        .slice(-5)
        .map((line) => `  ${line}\n`)
        .join('')}`,
    );
  if (notes.length > 0) parts.push(notes.map((note) => `Note: ${note}\n`).join(''));
  if ('next' in state) parts.push(`Next: ${stepText(state.next)}\n`);
  return parts.join('\n');
}

/** The servers as a table, with the error of each failed server and the activity of each starting one. */
export function serversText(servers: readonly ServerReport[]): string {
  const header = ['SERVER', 'STATE', 'TOOLS', 'PROMPTS', 'RESOURCES', 'CALLS', ''];
  const rows = servers.map(({ name, state, counts, error, activity }) => [
    name,
    state,
    ...[counts.tools, counts.prompts, counts.resources, counts.calls].map(String),
    shorten(error?.message ?? activity ?? ''),
  ]);
  return table([header, ...rows], [2, 3, 4, 5]);
}

/** The error of a gateway that should be running and is not; `undefined` when it is running. */
export function failureOf(state: GatewayState): AppError | undefined {
  if (state.status === 'healthy' || state.status === 'degraded') return undefined;
  if (state.status === 'starting' || state.status === 'creating') {
    if (state.status === 'starting' && state.servers.length > 0) return undefined;
    return new AppError('timeout', 'The gateway did not answer in time.', {
      next: step('Check its status and its log.', 'status'),
    });
  }
  return new AppError('unreachable', `The gateway is not up. ${sentence(state.reason)}`, {
    next: state.next,
  });
}

function startedText(state: GatewayState, now: number): string {
  const startedAt = 'gateway' in state ? state.gateway.startedAt : null;
  return startedAt === null ? '' : `, up for ${age(startedAt, now)}`;
}

function placeText(placement: Placement): string {
  switch (placement.kind) {
    case 'container':
      return placement.container === null
        ? `as a container of the project ${placement.project}`
        : `in container ${placement.container}`;
    case 'process':
      return placement.pid === null
        ? `as a process of this machine, for ${placement.workspace}`
        : `as process ${placement.pid}, log in ${placement.logFile}`;
    case 'remote':
      return `elsewhere, found through ${placement.source}`;
  }
}

function shorten(text: string): string {
  const line = text.split('\n', 1)[0] ?? '';
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
