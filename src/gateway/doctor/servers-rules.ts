import type { ServerReport } from '../../servers/api-types';
import type { Facts } from './facts';
import { notApplicable, ok, problem, warning, type RuleOutcome, type Rule } from './rule';
import { step, stepOr } from '../../platform/next-step';

/** What is behind the gateway: the files that say it, and what became of it. */
export const serversRules: readonly Rule[] = [
  { id: 'servers.files', looksAt: 'whether the servers files can be read', judge: files },
  { id: 'servers.served', looksAt: 'whether the gateway serves what the files say', judge: served },
  { id: 'servers.state', looksAt: 'how each server is', judge: states },
  { id: 'servers.clashes', looksAt: 'names and addresses that two servers share', judge: clashes },
  { id: 'servers.variables', looksAt: 'variables without a value', judge: variables },
  { id: 'servers.secrets', looksAt: 'secrets that stand in the servers files by value', judge: secrets },
  { id: 'servers.users', looksAt: 'whether servers can read what others know', judge: users },
];

const untold = 'the gateway did not tell';

function files({ servers, wiring }: Facts): readonly RuleOutcome[] {
  const present = servers.filter(({ exists }) => exists);
  const shared = servers.find(({ personal }) => !personal);
  if (shared?.exists !== true) {
    const wired = wiring !== undefined && !('trouble' in wiring) && wiring.wired;
    return wired && shared
      ? [problem(`there is no ${shared.file}`, step('Write the file again.', 'add'))]
      : [notApplicable('there is none on this disk')];
  }
  return present.map(({ file, trouble }) =>
    trouble ? problem(trouble.reason, trouble.next) : ok(`${file} is well-formed`),
  );
}

function served({ document }: Facts): RuleOutcome {
  if (!document) return notApplicable(untold);
  const { problem: found, servers } = document.gateway;
  if (!found) return ok(servers === null ? 'it was given no file' : `it serves ${servers}`);
  return problem(
    `it serves the last good state: ${found.message}`,
    stepOr(found.step, step('Correct the file. The gateway reads it again by itself.')),
  );
}

function states({ document }: Facts): RuleOutcome | readonly RuleOutcome[] {
  if (!document) return notApplicable(untold);
  const { servers } = document;
  if (servers.length === 0)
    return warning('there is no server behind the gateway', 'Add one to servers.json.');
  const failed = servers.filter(({ enabled, state }) => enabled && state === 'failed');
  const others = servers.filter((server) => !failed.includes(server));
  const summary =
    others.length === 0 ? [] : [ok(others.map(({ name, state }) => `${name} ${state}`).join(', '))];
  return [...failed.map(failure), ...summary];
}

function failure({ name, error }: ServerReport): RuleOutcome {
  return problem(
    `${name} failed: ${error?.message ?? 'no reason given'}`,
    stepOr(error?.step, step("Look at the server's log.", 'logs', name)),
  );
}

function clashes({ document }: Facts): RuleOutcome | readonly RuleOutcome[] {
  if (!document) return notApplicable(untold);
  if (document.problems.length === 0) return ok('none');
  return document.problems.map(({ message, step: next }) =>
    warning(message, stepOr(next, step('Give one of the two another name.'))),
  );
}

/** Only a start shows whether the gateway has a value: it is known there alone, and never told. */
function variables({ servers, document }: Facts): RuleOutcome | readonly RuleOutcome[] {
  const needed = new Map(servers.flatMap(({ variables }) => [...variables]));
  if (needed.size === 0) return ok('no enabled server needs one');
  const reports = new Map((document?.servers ?? []).map((report) => [report.name, report]));
  return [...needed].map(([name, users]) => {
    const known = users.flatMap((user) => reports.get(user) ?? []);
    const missed = known.find(
      ({ error }) => error?.message.includes(`variable ${name} has no value`) === true,
    );
    if (missed)
      return problem(
        `${name} has no value, which ${users.join(', ')} ${users.length === 1 ? 'needs' : 'need'}`,
        stepOr(missed.error?.step, step('Set it.', 'secret set', name)),
      );
    return known.some(({ state }) => state === 'ready')
      ? ok(`${name} has a value`)
      : notApplicable(`whether ${name} has a value shows when ${users.join(', ')} starts`);
  });
}

function secrets({ servers }: Facts): RuleOutcome | readonly RuleOutcome[] {
  const found = servers.flatMap(({ file, personal, secrets }) =>
    secrets.map(({ server, place }) => {
      const text = `${file}: ${place} of "${server}" is a secret by value`;
      const next = 'Write ${NAME} there and give the gateway its value; renew a secret that was in git.';
      return personal ? warning(text, next) : problem(text, next);
    }),
  );
  return found.length === 0 ? ok('none') : found;
}

/** A local gateway cannot change users, so the limit is said where it matters: beside servers with secrets. */
function users({ document, servers, engine }: Facts): RuleOutcome {
  const known = document?.gateway.serverUsers;
  if (known === undefined) return notApplicable(untold);
  if (known === 'own') return ok('each server with secrets has a user of its own');
  const owners = new Set(
    servers.flatMap(({ variables, secrets }) => [
      ...[...variables.values()].flat(),
      ...secrets.map(({ server }) => server),
    ]),
  );
  if (owners.size === 0) return ok('they are one user, and none of them is given a secret');
  const text = `the gateway and its servers are one user, so each server can read the admin token and the secrets of ${[...owners].join(', ')}`;
  const isSidecar = engine.asked === 'yes' && engine.sidecar !== undefined;
  return warning(
    text,
    isSidecar
      ? step('Wire the dev container again, so that Compose lets the gateway change users.', 'add')
      : 'Run only servers that you trust, or run the gateway as a sidecar, or the other servers as "container" servers.',
  );
}
