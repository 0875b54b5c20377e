import * as vscode from 'vscode';
import { stepInEditor } from '../views/next-step';
import { withProgress, type FolderContext } from './command';

const { t } = vscode.l10n;

/** Shows what the doctor finds, in an output channel of its own: the command line's report in the editor's words. */
export async function doctor({ model, log, logs }: FolderContext): Promise<void> {
  const { diagnose } = await import('../gateway/doctor/diagnose');
  const { folder: workspace, env } = model.options;
  const { text } = await withProgress(
    t('Checking the MCP gateway'),
    log,
    async ({ signal }) =>
      await diagnose(
        {
          choice: { workspace, cwd: workspace, env },
          open: async () => await model.manager(),
          signal,
        },
        stepInEditor,
      ),
    500,
  );
  logs.print(t('MCP Gateway: doctor'), text);
}
