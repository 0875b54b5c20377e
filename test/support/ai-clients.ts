import type { DevContainer } from './dev-container';

/** What `mcp list` of the real AI clients prints inside a dev container, without colours. */
export async function listAiClients(container: DevContainer): Promise<{ gemini: string; opencode: string }> {
  // Gemini CLI asks a person once whether a folder is trusted, and until then uses none of its project's servers.
  const trust =
    'mkdir -p ~/.gemini && printf \'{"%s":"TRUST_FOLDER"}\' "$PWD" > ~/.gemini/trustedFolders.json && gemini mcp list';
  const [gemini, opencode] = await Promise.all([
    container.exec('sh', '-c', `${trust} 2>&1`),
    container.exec('sh', '-c', 'opencode mcp list 2>&1'),
  ]);
  return { gemini: plain(gemini.stdout), opencode: plain(opencode.stdout) };
}

function plain(text: string): string {
  return text.replaceAll(/\u001b\[[0-9;?]*[A-Za-z]/g, '');
}
