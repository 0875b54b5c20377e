import type { ClientEntry } from '../../clients/compare';
import type { Facts } from './facts';
import { notApplicable, ok, problem, warning, type RuleOutcome, type Rule } from './rule';
import { step } from '../../platform/next-step';

/** Whether AI clients find the gateway. */
export const clientRules: readonly Rule[] = [
  { id: 'clients.files', looksAt: 'whether the files of clients point at the gateway', judge: files },
  { id: 'clients.vscode', looksAt: "where VS Code's own agent takes the gateway from", judge: vscode },
];

function files({ clients, wiring }: Facts): readonly RuleOutcome[] {
  const wired = wiring !== undefined && !('trouble' in wiring) && wiring.wired;
  const outcomes = clients.flatMap((client) => judged(client, wired));
  return outcomes.length > 0 ? outcomes : [notApplicable('no client has a file here')];
}

function judged({ label, file, always, found, faults }: ClientEntry, wired: boolean): RuleOutcome[] {
  const again = step('Remove "gateway" from the file, then write the entry again.', 'add');
  switch (found) {
    case 'no-file':
    case 'no-entry':
      return always && wired
        ? [problem(`${file} has no entry "gateway" (${label})`, step('Write the entry.', 'add'))]
        : [];
    case 'unreadable':
      return faults.map((fault) => problem(fault, 'Correct the file.'));
    case 'entry':
      return faults.length === 0
        ? [ok(`${file} points at it (${label})`)]
        : faults.map((fault) => problem(`${file}: ${fault}`, again));
  }
}

function vscode({ vscodeReadsRootFile, vscodeFileNamesGateway, clients }: Facts): RuleOutcome {
  if (vscodeFileNamesGateway && vscodeReadsRootFile === true)
    return warning(
      '.vscode/mcp.json and .mcp.json both name the gateway, so its tools appear twice',
      'Remove one of the two entries.',
    );
  if (vscodeFileNamesGateway) return ok('from .vscode/mcp.json');
  if (vscodeReadsRootFile === true) return ok('from .mcp.json');
  const present = clients.some(({ always, found }) => always && found === 'entry');
  if (!present) return notApplicable('there is no entry for it');
  return ok(
    'from the extension; .mcp.json is read only with chat.mcp.workspaceRootConfig.enabled, which the workspace does not set',
  );
}
