import * as vscode from 'vscode';
import type { ServerReport } from '../servers/api-types';
import type { GatewayState } from '../gateway/watch/state';

const { t } = vscode.l10n;

/** The state of a gateway in a word or two. */
export function statusWord(state: GatewayState | undefined): string {
  switch (state?.status) {
    case 'healthy':
      return t('healthy');
    case 'degraded':
      return t('degraded');
    case 'creating':
      return t('being created');
    case 'starting':
      return t('starting');
    case 'stopped':
      return t('stopped');
    case 'absent':
      return t('not created');
    case 'unhealthy':
      return t('unhealthy');
    case 'unreachable':
      return t('unreachable');
    case 'failed':
      return t('failed');
    case undefined:
      return t('unknown');
  }
}

/** The state of a server in a word. */
export function serverWord(server: ServerReport): string {
  switch (server.state) {
    case 'disabled':
      return t('disabled');
    case 'idle':
      return t('idle');
    case 'starting':
      return t('starting');
    case 'ready':
      return t('ready');
    case 'failed':
      return t('failed');
    case 'stopped':
      return t('stopped');
  }
}

/** A number of things, in words. */
export function counted(count: number, what: 'tools' | 'resources' | 'prompts' | 'servers'): string {
  switch (what) {
    case 'tools':
      return count === 1 ? t('1 tool') : t('{0} tools', count);
    case 'resources':
      return count === 1 ? t('1 resource') : t('{0} resources', count);
    case 'prompts':
      return count === 1 ? t('1 prompt') : t('{0} prompts', count);
    case 'servers':
      return count === 1 ? t('1 server') : t('{0} servers', count);
  }
}

/** Text for a trusted Markdown string: nothing in it is markup, a link or an icon. */
export function escaped(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!<>|~$&]/g, '\\$&').replace(/\r?\n/g, '  \n');
}

/** The first line of a text, cut to a length that fits a row. */
export function firstLine(text: string, limit = 120): string {
  const line = text.trim().split(/\r\n|\r|\n/, 1)[0] ?? '';
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line;
}
