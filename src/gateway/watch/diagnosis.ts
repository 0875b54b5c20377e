import type { ErrorCode } from '../../platform/error-codes';
import { AppError } from '../../platform/errors';
import type { ContainerDetails } from '../engine/runtime';
import type { Finding, Trouble } from './state';
import { step } from '../../platform/next-step';
import { sentence } from '../../platform/sentence';

/** Output of a tool that is known, with its meaning. */
interface Symptom {
  pattern: RegExp;
  code: ErrorCode;
  describe: (match: RegExpExecArray) => Trouble;
}

const symptoms: readonly Symptom[] = [
  {
    pattern: /port is already allocated|address already in use/,
    code: 'conflict',
    describe: ({ input, index }) => {
      const port = portBefore(input, index);
      return {
        reason: `Another program uses the gateway's host port${port === undefined ? '' : ` ${port}`}.`,
        next: step(
          'Stop that program and start the gateway again, or let the engine choose a free port.',
          'add',
          '--host-port',
          'auto',
        ),
      };
    },
  },
  {
    pattern:
      /(?:pull access denied for ([^\s,]+)|failed to (?:resolve|do request)[\s\S]*?load metadata for (\S+?):?\s|failed to resolve[^\n]*|failed to do request[^\n]*|failed to resolve source metadata for ([^\s:]+[^\s]*?):?\s|manifest for ([^\s]+) not found|Get "https?:\/\/[^\n]*?\/v2\/[^\n]*|No such image: ([^\s]+))/,
    code: 'compose',
    describe: (match) => {
      const { name, tag } = manifestIn(match.input);
      const image = match.slice(1).find(Boolean) ?? (name && `${name}:${tag ?? ''}`);
      return {
        reason: `The base image${image === undefined ? '' : ` ${image}`} is not on this machine and could not be downloaded.`,
        next: imageMissing,
      };
    },
  },
  {
    pattern: /Cannot connect to the Docker daemon|error during connect|Is the docker daemon running/,
    code: 'no-engine',
    describe: () => ({
      reason: 'The container engine does not answer.',
      next: step('Start Docker or Podman and run the command again.'),
    }),
  },
  {
    pattern: /no such service: ([^\s]+)/,
    code: 'compose',
    describe: ([, service]) => ({
      reason: `The Compose files have no service ${service ?? ''}.`,
      next: step('Wire the dev container again.', 'add'),
    }),
  },
  {
    pattern: /network ([^\s]+) declared as external, but could not be found/,
    code: 'compose',
    describe: ([, network]) => ({
      reason: `The external network ${network ?? ''} does not exist.`,
      next: step(`Create it: docker network create ${network ?? ''}`),
    }),
  },
  {
    pattern: /no space left on device/,
    code: 'engine',
    describe: () => ({
      reason: 'The engine has no disk space left.',
      next: step('Free some disk space, for example with: docker image prune'),
    }),
  },
];

/** What to do where the base image of the sidecar is missing. */
export const imageMissing = step(
  'Go online, or set MCP_GATEWAY_BASE_IMAGE to a local image that has Node. Then start the gateway.',
  'up',
);

/** The first port that the line names after the word for the failure, such as 8811 in `Bind for 0.0.0.0:8811 failed`. */
function portBefore(output: string, end: number): string | undefined {
  const line = output.slice(output.lastIndexOf('\n', end) + 1, end);
  const from = line.search(/bind|listen tcp/i);
  return from < 0 ? undefined : /:(\d+)(?=[:/\s])/.exec(line.slice(from))?.[1];
}

/** The image of an address such as `/v2/library/node/manifests/20`. */
function manifestIn(output: string): { name?: string | undefined; tag?: string | undefined } {
  const address = output.split(/["\s]/).find((word) => word.includes('/v2/') && word.includes('/manifests/'));
  const [path = '', tag] = address?.split('/manifests/') ?? [];
  return tag === undefined ? {} : { name: path.slice(path.indexOf('/v2/') + '/v2/'.length), tag };
}

/** What the output of a failed tool means, when it is a known failure. */
function recognise(output: string): (Trouble & { code: ErrorCode }) | undefined {
  for (const { pattern, code, describe } of symptoms) {
    const match = pattern.exec(output);
    if (match) return { code, ...describe(match) };
  }
  return undefined;
}

/** The error for a Compose command that failed; its output must be free of secrets. */
export function composeFailure(what: string, output: string): AppError {
  const known = recognise(output);
  const lines = output.split('\n').map((line) => line.trim());
  const last = lines.findLast((line) => line !== '') ?? 'no output';
  if (known)
    return new AppError(known.code, `${what} failed. ${known.reason}`, {
      next: known.next,
      cause: new Error(last),
    });
  return new AppError('compose', sentence(`${what} failed: ${last}`), {
    next: step('Correct the cause and run the command again. The status shows how the gateway is.', 'status'),
  });
}

const wordsOfFailure =
  /^error: |Error:|Error \[|Cannot find module|not found|ENOENT|EACCES|panic:|exec format error/;

/** The line of a log that says best why a program ended; JSON log lines are reduced to their message. */
export function lastWords(lines: readonly string[]): string | undefined {
  const texts = lines.map(messageOfLine).filter((line) => line !== '' && !line.startsWith('{"event"'));
  return texts.findLast((line) => wordsOfFailure.test(line)) ?? texts.at(-1);
}

function messageOfLine(line: string): string {
  const [, message] = /^\{.*"message":"((?:[^"\\]|\\.)*)"/.exec(line) ?? [];
  return (message ?? line).trim();
}

const stopSignals = new Set([0, 130, 137, 143]);
const seeLogs = step("Look at the gateway's log, correct the cause, then start the gateway.", 'up');

/**
 * What the engine's record of the container means. `log` is its last lines, without secrets; it is asked for only when
 * the program failed.
 */
export async function containerFinding(
  details: ContainerDetails,
  url: string | null,
  log: () => Promise<readonly string[]>,
): Promise<Finding> {
  const { status, exitCode, error, outOfMemory, restarts, name, startedAt = null } = details;
  if (status !== 'running' && error !== '') {
    const known = recognise(error);
    const reason = known?.reason ?? sentence(`The engine could not start ${name}: ${error}`);
    return {
      type: 'failed',
      exitCode: null,
      log: [],
      reason,
      next: known?.next ?? step('Create and start the gateway.', 'up'),
    };
  }
  if (outOfMemory && status !== 'running') {
    const next = step(
      'Raise mem_limit of the service in docker-compose.mcp-gateway.yml, then start the gateway.',
      'up',
    );
    return {
      type: 'failed',
      exitCode,
      log: await log(),
      reason: `Container ${name} ran out of memory.`,
      next,
    };
  }
  const looping = status === 'restarting' && (exitCode !== 0 || restarts >= 3);
  if (looping || (status === 'exited' && !stopSignals.has(exitCode)))
    return await endedByItself(exitCode, restarts, log);
  if (status === 'running' || status === 'restarting') return { type: 'running', url, startedAt };
  if (status === 'paused')
    return {
      type: 'stopped',
      reason: `Container ${name} is paused.`,
      next: step(`Run: docker unpause ${name}`),
    };
  if (status === 'dead' || status === 'removing')
    return {
      type: 'missing',
      reason: `Container ${name} is being removed.`,
      next: step('Create and start the gateway.', 'up'),
    };
  const reason =
    status === 'created' ? 'The gateway was created but never started.' : 'The gateway is stopped.';
  return { type: 'stopped', reason, next: step('Start the gateway.', 'up') };
}

async function endedByItself(
  exitCode: number,
  restarts: number,
  readLog: () => Promise<readonly string[]>,
): Promise<Finding> {
  const log = await readLog();
  const words = lastWords(log);
  const again = restarts > 0 ? `, again after ${restarts} restart${restarts === 1 ? '' : 's'}` : '';
  const said = words === undefined ? ' without any output' : `: ${words}`;
  const reason = sentence(`The gateway's program ended with status ${exitCode}${again}${said}`);
  return { type: 'failed', exitCode, log, reason, next: seeLogs };
}
