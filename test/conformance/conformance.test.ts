import assert from 'node:assert/strict';
import { startTestGateway, type TestGateway } from '../support/gateway';
import { baseline, writeBaseline } from './baseline';
import { missing, passed, table, whole } from './comparison';
import { startReference, stdioReference, type Era, type ReferenceServer } from './reference';
import { runSuite, type Outcomes, type Revision } from './suite-run';
import { startTokenProxy, type TokenProxy } from './token-proxy';

/** The era that each requirement set is written for; the reference server of that era is the yardstick. */
const sets: readonly { revision: Revision; era: Era }[] = [
  { revision: '2025-11-25', era: 'legacy' },
  { revision: '2026-07-28', era: 'modern' },
];
const eras: readonly Era[] = ['legacy', 'modern'];
const transports = ['stdio', 'http'] as const;
const paths = ['/mcp', '/servers/reference/mcp'] as const;

const yardsticks = new Map<Revision, Outcomes>();
const missed = new Map<string, readonly string[]>();
const rows: string[][] = [['requirements', 'server', 'reached', 'scenarios', 'checks', 'missed']];

function row(revision: Revision, server: string, reached: string, outcomes: Outcomes, lost: number): void {
  const scenarios = `${whole(outcomes)}/${outcomes.ended.size}`;
  const checks = `${passed(outcomes)}/${outcomes.checks.size}`;
  rows.push([revision, server, reached, scenarios, checks, String(lost)]);
}

function yardstick(revision: Revision): Outcomes {
  const outcomes = yardsticks.get(revision);
  assert.ok(outcomes, `the direct run of ${revision} has not been made`);
  return outcomes;
}

/** Checks of the set's own era that no bridge from the other era can pass. */
function possible(checks: readonly string[], crossing: boolean): string[] {
  return checks.filter((check) => !crossing || baseline.impossible[check] === undefined);
}

describe('the reference servers, reached directly', () => {
  for (const era of eras) {
    describe(era, () => {
      let server: ReferenceServer;
      before(async () => {
        server = await startReference(era);
      });
      after(async () => server.stop());

      for (const set of sets) {
        const own = set.era === era;
        it(`${own ? 'are' : 'need not be'} all that ${set.revision} requires`, async () => {
          const outcomes = await runSuite(server.url, set.revision);
          row(set.revision, era, 'directly', outcomes, 0);
          if (!own) return;
          yardsticks.set(set.revision, outcomes);
          const failures = [...outcomes.checks]
            .filter(([, status]) => status !== 'SUCCESS')
            .map(([check]) => check);
          assert.deepEqual(
            failures.filter((check) => !unscored.test(check)),
            [],
          );
        });
      }
    });
  }
});

/** Scenarios of extensions and pending ones that the reference server of 2026-07-28 does not pass; they are not scored. */
const unscored = /^(tasks-|http-custom-header-server-validation:)/;

for (const era of eras) {
  for (const transport of transports) {
    describe(`the ${era} reference server over ${transport}, reached through the gateway`, () => {
      let server: ReferenceServer | undefined;
      let gateway: TestGateway;
      let proxy: TokenProxy;

      // The suite leaves calls behind that wait for input: each run has a gateway of its own.
      beforeEach(async () => {
        server = transport === 'http' ? await startReference(era) : undefined;
        const entry = server ? { type: 'http', url: server.url } : stdioReference(era);
        const servers = { reference: { ...entry, prefix: 'never' } };
        gateway = await startTestGateway({ servers, unsettled: true });
        proxy = await startTokenProxy(gateway.base, gateway.token);
      });
      afterEach(async () => {
        await proxy.stop();
        await gateway.stop();
        await server?.stop();
      });

      for (const set of sets) {
        for (const path of paths) {
          it(`passes of ${set.revision} at ${path} what a direct connection passes`, async () => {
            const run = `${set.revision}, ${era} over ${transport}, ${path}`;
            const known = baseline.missed[run] ?? [];
            const attempt = async (): Promise<{ outcomes: Outcomes; lost: string[] }> => {
              const outcomes = await runSuite(proxy.base + path, set.revision);
              return {
                outcomes,
                lost: possible(missing(yardstick(set.revision), outcomes), set.era !== era),
              };
            };
            // Checks have deadlines of their own, within which a server may have to start: a busy machine gets a second try.
            let { outcomes, lost } = await attempt();
            if (lost.some((one) => !known.includes(one))) ({ outcomes, lost } = await attempt());
            missed.set(run, lost);
            row(set.revision, `${era} ${transport}`, path, outcomes, lost.length);
            assert.deepEqual(
              {
                new: lost.filter((one) => !known.includes(one)),
                stale: known.filter((one) => !lost.includes(one)),
              },
              { new: [], stale: [] },
            );
          });
        }
      }
    });
  }
}

after(() => {
  process.stdout.write(`\n${table(rows)}\n\n`);
  if (process.env['MCP_CONFORMANCE_BASELINE'] === 'write') writeBaseline(missed);
});
