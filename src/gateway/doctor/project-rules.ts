import type { Facts } from './facts';
import { notApplicable, ok, problem, warning, type Rule, type RuleOutcome } from './rule';

/** What a project does beside the gateway, or past it. */
export const projectRules: readonly Rule[] = [
  { id: 'project.binds', looksAt: 'whether other machines reach published ports', judge: binds },
  { id: 'project.direct', looksAt: 'whether clients use servers past the gateway', judge: direct },
  { id: 'project.secrets', looksAt: 'whether files in Git hold secrets', judge: secrets },
  { id: 'project.access', looksAt: 'whether containers have rights of the host', judge: access },
];

function binds({ project }: Facts): readonly RuleOutcome[] {
  if (project.binds.length === 0) return [ok('no port is bound to every network')];
  return project.binds.map((text) =>
    warning(text, 'Bind the port to 127.0.0.1, as in "127.0.0.1:8811:8811".'),
  );
}

function direct({ project }: Facts): readonly RuleOutcome[] {
  if (project.direct.length === 0) return [ok('no client has a server of its own here')];
  return project.direct.map((text) =>
    warning(text, 'Move the entry to servers.json of the gateway, and keep only "gateway" in the file.'),
  );
}

function secrets({ project }: Facts): readonly RuleOutcome[] {
  if (project.secrets === undefined)
    return [notApplicable('Git does not have this folder, or is not installed')];
  if (project.secrets.length === 0) return [ok('none was found')];
  return project.secrets.map((text) =>
    problem(
      text,
      'Replace it by a variable, take the file out of Git, and make a new secret: others may have this one.',
    ),
  );
}

function access({ project }: Facts): readonly RuleOutcome[] {
  if (project.access.length === 0) return [ok('no container has them')];
  return project.access.map((text) =>
    warning(
      text,
      'Remove the setting. Publish single ports and mount single folders where a container needs them.',
    ),
  );
}
