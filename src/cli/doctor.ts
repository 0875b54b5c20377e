import type { Command } from 'commander';
import { sidecar } from '../devcontainer/sidecar';
import { isInside } from '../gateway/inside';
import type { Facts } from '../gateway/doctor/facts';
import { verdicts, type Check, type Verdict } from '../gateway/doctor/rule';
import { printJson, type CliIo } from './io';
import { openManager, workspaceChoice, type ManagerOptions } from './manager';
import { withCommonOptions } from './options';
import { run } from './run';

/** `doctor`: finds what is wrong between a client and a server, and what mends it. */
export function registerDoctor(program: Command): void {
  withCommonOptions(program.command('doctor'))
    .description(
      'look at everything between a client and the servers, and say what is wrong and what mends it',
    )
    .option('--local', 'the gateway that runs as a process of this machine')
    .action(async (options: ManagerOptions) => await run(options, async (io) => await doctor(io, options)));
}

/** Its status is 1 when there is a problem. */
export async function doctor(io: CliIo, options: ManagerOptions): Promise<number> {
  // What reads Compose files and speaks to the engine takes a while to load.
  const [{ gatherFacts }, { examine }] = await Promise.all([
    import('../gateway/doctor/gather'),
    import('../gateway/doctor/rules'),
  ]);
  const facts = await gatherFacts({
    choice: workspaceChoice(io, options),
    open: async () => await openManager(io, addressed(io, options)),
    signal: io.signal,
  });
  const checks = examine(facts);
  if (options.json === true) printJson(io, document(facts, checks));
  else io.stdout(doctorText(facts, checks));
  return countOf(checks, 'problem') === 0 ? 0 : 1;
}

/** In a container that got no variable the gateway still has its name. */
function addressed(io: Pick<CliIo, 'env'>, options: ManagerOptions): ManagerOptions {
  const named = options.url ?? options.driver ?? (io.env['MCP_GATEWAY'] || io.env[sidecar.urlVariable]);
  return named || options.local === true || !isInside(io.env) ? options : { ...options, url: sidecar.url };
}

/** The JSON form. */
export function document(
  { workspace, inside }: Pick<Facts, 'workspace' | 'inside'>,
  checks: readonly Check[],
) {
  return {
    ok: countOf(checks, 'problem') === 0,
    workspace,
    place: inside ? 'dev container' : 'host',
    counts: Object.fromEntries(verdicts.map((verdict) => [verdict, countOf(checks, verdict)])),
    checks,
  };
}

const marks: Readonly<Record<Verdict, string>> = {
  problem: 'PROBLEM',
  warning: 'warning',
  ok: 'ok',
  'not-applicable': '-',
};

/** The form for people: a line a check, the next step under what is wrong. */
export function doctorText(
  { workspace, inside }: Pick<Facts, 'workspace' | 'inside'>,
  checks: readonly Check[],
): string {
  const width = Math.max(...checks.map(({ rule }) => rule.length));
  const lines = checks.flatMap((check) => {
    const head = `${marks[check.verdict].padEnd(7)}  ${check.rule.padEnd(width)}  ${check.text}`;
    return 'next' in check ? [head, `${' '.repeat(width + 11)}Next: ${check.next}`] : [head];
  });
  const [problems, warnings] = [countOf(checks, 'problem'), countOf(checks, 'warning')];
  const where = inside ? 'from inside the dev container' : 'from the host';
  return `${lines.join('\n')}\n\n${workspace}, ${where}: ${number(problems, 'problem')}, ${number(warnings, 'warning')}.\n`;
}

function countOf(checks: readonly Check[], verdict: Verdict): number {
  return checks.filter((check) => check.verdict === verdict).length;
}

function number(count: number, word: string): string {
  return `${count === 0 ? 'no' : count} ${word}${count === 1 ? '' : 's'}`;
}
