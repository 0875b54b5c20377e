import * as vscode from 'vscode';
import { commandOf, stepWith, type Action, type NextStep, type StepVerb } from '../platform/next-step';

const { t } = vscode.l10n;

/** The titles of the editor's commands that do what verbs of the command line do. */
const titles: Partial<Record<StepVerb, () => string>> = {
  up: () => t('Start'),
  restart: () => t('Restart'),
  logs: () => t('Show Logs'),
  status: () => t('Refresh'),
  doctor: () => t('Doctor'),
  add: () => t('Add MCP Gateway to devcontainer'),
  remove: () => t('Remove MCP Gateway from devcontainer'),
};

/** A next step in the words of the editor: `Start the gateway: "MCP Gateway: Start"`. */
export function stepInEditor(next: NextStep): string {
  return stepWith(next, wordsOf);
}

/** What has to be run on another machine stays a command line. */
function wordsOf(action: Action): string {
  const title = action.elsewhere ? undefined : titles[action.verb]?.();
  return title === undefined ? commandOf(action) : `"MCP Gateway: ${title}"`;
}
