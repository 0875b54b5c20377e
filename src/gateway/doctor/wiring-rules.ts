import { sentence } from '../../platform/sentence';
import path from 'node:path';
import { sidecar } from '../../devcontainer/sidecar';
import type { Facts, WiringFacts } from './facts';
import { notApplicable, ok, problem, warning, type RuleOutcome, type Rule } from './rule';
import type { Trouble } from '../watch/state';
import { step } from '../../platform/next-step';

/** How the dev container's files hold the gateway. */
export const wiringRules: readonly Rule[] = [
  { id: 'wiring.files', looksAt: 'whether the dev container is wired', judge: wired(wiredFiles) },
  { id: 'wiring.order', looksAt: 'whether our Compose file is the last one', judge: wired(order) },
  {
    id: 'wiring.services',
    looksAt: 'whether the sidecar is started with the others',
    judge: wired(services),
  },
  { id: 'wiring.journal', looksAt: 'whether a wiring was interrupted', judge: journal },
  { id: 'wiring.project', looksAt: 'whether the sidecar is of this folder alone', judge: project },
];

/** A rule of a wired dev container; without one there is nothing to judge. */
function wired(judge: (wiring: WiringFacts) => RuleOutcome): Rule['judge'] {
  return ({ wiring }) => {
    if (wiring === undefined) return notApplicable('the workspace has no Compose dev container');
    if ('trouble' in wiring) return judge === wiredFiles ? unreadable(wiring.trouble) : notApplicable(unread);
    return wiring.wired ? judge(wiring) : notApplicable(`${wiring.config} is not wired`);
  };
}

const unread = 'the configuration could not be read';

function unreadable({ reason, next }: Trouble): RuleOutcome {
  return problem(reason, next);
}

function wiredFiles({ config, composeFiles }: WiringFacts): RuleOutcome {
  const missing = composeFiles.filter(({ exists }) => !exists).map(({ file }) => file);
  if (missing.length === 0) return ok(`${config} is wired`);
  return problem(
    `${missing.join(', ')} is not there, so the dev container cannot be opened`,
    composeFiles.some(({ ours, exists }) => ours && !exists)
      ? step('Write it again.', 'add')
      : 'Correct dockerComposeFile: its paths start at the folder of devcontainer.json.',
  );
}

function order({ composeFiles, config }: WiringFacts): RuleOutcome {
  const last = composeFiles.at(-1);
  if (last?.ours === true) return ok(`${sidecar.composeFile} is last`);
  return problem(
    `in dockerComposeFile ${path.basename(last?.file ?? '')} comes after ${sidecar.composeFile}`,
    `Make ${sidecar.composeFile} the last one in ${config}: the first one names the project, and later ones win.`,
  );
}

function services({ runServices, config }: WiringFacts): RuleOutcome {
  // An absent and an empty list start every service.
  if (runServices === undefined || runServices.length === 0) return ok('every service is started');
  return runServices.includes(sidecar.service)
    ? ok(`runServices lists ${sidecar.service}`)
    : problem(
        `runServices does not list ${sidecar.service}, so it is not started with the dev container`,
        `Append "${sidecar.service}" to runServices in ${config}.`,
      );
}

function journal({ journal: file }: Facts): RuleOutcome {
  if (file === undefined) return ok('none');
  return warning(
    `a change of the wiring was begun and has not ended (${file})`,
    step('If no such change is running, undo it. Both add and remove do that first.', 'add'),
  );
}

function project({ engine, inside, wiring }: Facts): RuleOutcome {
  if (engine.asked === 'failed')
    return notApplicable(
      `${sentence(engine.trouble.reason)} Run the doctor on the machine that has the container engine to check this.`,
    );
  if (inside)
    return notApplicable('run the doctor on the machine that has the container engine to check this');
  const found = engine.asked === 'yes' ? engine.sidecar : undefined;
  if (found === undefined || wiring === undefined || 'trouble' in wiring)
    return notApplicable('there is no sidecar');
  if (found.madeFrom.length === 0)
    return notApplicable(`the engine does not tell where ${found.name} is from`);
  if (found.own) return ok(`${found.name} is of this folder`);
  return problem(
    `${found.name} of the Compose project ${wiring.project} was made from ${found.madeFrom.at(-1) ?? ''}: two folders share one gateway`,
    'Give one of the folders a project name of its own: COMPOSE_PROJECT_NAME=… in its .env, then rebuild it.',
  );
}
