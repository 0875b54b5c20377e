import { sidecar } from '../../devcontainer/sidecar';
import type { Facts, TokenFact } from './facts';
import { notApplicable, ok, problem, warning, type RuleOutcome, type Rule } from './rule';
import { type NextStep, step, stepElsewhere } from '../../platform/next-step';

/** The client token, at every place where clients take it from. */
export const tokenRules: readonly Rule[] = [
  { id: 'token.variable', looksAt: `the token in ${sidecar.tokenVariable}`, judge: variable },
  { id: 'token.published', looksAt: `the token in ${sidecar.tokenMountFile}`, judge: published },
  { id: 'token.file', looksAt: `the token in ${sidecar.tokenFile}`, judge: file },
  { id: 'token.mode', looksAt: `who may read ${sidecar.tokenFile}`, judge: mode },
  { id: 'token.ignored', looksAt: `whether git leaves ${sidecar.tokenFile} out`, judge: ignored },
];

const reopen = step(
  'Open a new terminal in the editor, or rebuild the dev container. A client that starts this command works at once.',
  'connect',
);

function variable({ tokens, inside }: Facts): RuleOutcome {
  const { variable: fact, published: other } = tokens;
  if (fact.found !== 'no')
    return judged(fact, {
      stale: 'the gateway does not take it: clients that are started here get 401',
      renew: inside ? reopen : `Unset ${sidecar.tokenVariable} here, or set it to the gateway's token.`,
    });
  if (!inside) return notApplicable('it is not set, and on the host it need not be');
  return other.found === 'yes'
    ? warning('it is not set: clients that read .mcp.json are started without a token', reopen)
    : problem('it is not set, and no other place in this container holds a token', rebuild);
}

const rebuild = stepElsewhere(
  'Rebuild the dev container after this command on the machine that has the container engine.',
  'up',
);

function published({ tokens: { published: fact }, inside }: Facts): RuleOutcome {
  if (!inside) return notApplicable('it is for the inside of the dev container');
  if (fact.found === 'no')
    return notApplicable('the gateway published none here; the variable carries the token');
  return judged(fact, {
    stale: 'the gateway does not take it',
    renew: step('Restart the gateway.', 'restart'),
  });
}

function file({ tokens: { file: facts }, wiring, inside }: Facts): RuleOutcome {
  const { token: fact } = facts;
  if (fact.found === 'no') {
    if (wiring === undefined || 'trouble' in wiring || !wiring.wired)
      return notApplicable('the workspace is not wired');
    if (inside) return notApplicable('it is missing, as in every fresh clone; the host writes it');
    return warning(
      `${facts.file} is missing or empty, as in every fresh clone`,
      step('Write it and start the gateway.', 'up'),
    );
  }
  if (inside && fact.found === 'unusable')
    return notApplicable('it is not readable here; the variable carries the token');
  return judged(fact, {
    stale: `the gateway does not take the token of ${facts.file}`,
    renew: step('Rebuild the dev container after you have created the gateway again with this token.', 'up'),
  });
}

function judged(
  fact: Exclude<TokenFact, { found: 'no' }>,
  { stale, renew }: { stale: string; renew: NextStep | string },
): RuleOutcome {
  if (fact.found === 'unusable') return problem(fact.trouble.reason, fact.trouble.next);
  switch (fact.trial) {
    case 'accepted':
      return ok('the gateway takes it');
    case 'refused':
      return problem(stale, renew);
    case 'untested':
      return notApplicable('it is there; the gateway does not answer, so it could not be tried');
  }
}

function mode({ tokens: { file: facts } }: Facts): RuleOutcome {
  if (facts.mode === undefined)
    return notApplicable('there is no such file, or the system has no such modes');
  const text = facts.mode.toString(8).padStart(4, '0');
  return (facts.mode & 0o077) === 0
    ? ok(`its mode is ${text}`)
    : problem(
        `its mode is ${text}: others on this machine can read the token`,
        `Run: chmod 600 ${facts.file}`,
      );
}

function ignored({ tokens: { file: facts } }: Facts): RuleOutcome {
  switch (facts.ignored) {
    case 'yes':
      return ok('it is ignored');
    case 'unknown':
      return notApplicable('there is no such file, no git here, or no repository');
    case 'no':
      return problem(
        `git would commit ${facts.file}, or has it already`,
        step(
          `Add it to .gitignore and run: git rm --cached --ignore-unmatch ${facts.file}. If it was ever pushed, put another token into it and create the gateway again.`,
          'up',
        ),
      );
  }
}
