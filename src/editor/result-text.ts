import * as vscode from 'vscode';
import type { ToolResult } from '../gateway/driver';

const { t } = vscode.l10n;

/** A tool's result as text: how it went, then each block of content. */
export function resultText(tool: string, result: ToolResult, ms: number): string {
  const verdict = result.isError
    ? t('{0} reported an error after {1} ms', tool, ms)
    : t('{0} answered in {1} ms', tool, ms);
  const blocks = result.content.map(blockText);
  if (blocks.length === 0 && result.structuredContent === undefined) blocks.push(t('(no content)'));
  if (result.structuredContent !== undefined)
    blocks.push(`${t('Structured content:')}\n${JSON.stringify(result.structuredContent, null, 2)}`);
  return `${verdict}\n\n${blocks.join('\n\n')}\n`;
}

function blockText(block: Readonly<Record<string, unknown>>): string {
  const { type, text, data, uri, mimeType, resource } = block;
  if (type === 'text' && typeof text === 'string') return text;
  if (typeof data === 'string')
    return t('[{0}, {1}, {2} bytes]', String(type), String(mimeType), Buffer.byteLength(data, 'base64'));
  if (type === 'resource_link') return t('[resource {0}]', String(uri));
  if (type === 'resource' && typeof resource === 'object' && resource !== null && 'text' in resource)
    return String(resource.text);
  return JSON.stringify(block, null, 2);
}
