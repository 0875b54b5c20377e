import * as vscode from 'vscode';
import { command, type CommandId } from '../editor/contributions';
import { runCall, callTool } from './call-tool';
import { runCommand, type CommandContext, type Handler } from './command';
import { copyConnection, copyName } from './copy';
import { refresh } from './refresh';
import { restart } from './restart';
import { restartServer } from './restart-server';
import { disableServer, enableServer, openServersFile } from './servers-file';
import { showLogs, showServerLog } from './show-logs';
import { recreate, start } from './start';
import { stop } from './stop';

/** One row for each command. What wiring needs is loaded when it is first asked for. */
const handlers: Readonly<Record<CommandId, Handler>> = {
  [command.add]: async (context, argument) => await (await import('./add')).add(context, argument),
  [command.remove]: async (context) => await (await import('./remove')).remove(context),
  [command.start]: start,
  [command.stop]: stop,
  [command.restart]: restart,
  [command.recreate]: recreate,
  [command.showLogs]: showLogs,
  [command.doctor]: async (context) => await (await import('./doctor')).doctor(context),
  [command.refresh]: refresh,
  [command.openServersFile]: openServersFile,
  [command.callTool]: callTool,
  [command.runCall]: runCall,
  [command.restartServer]: restartServer,
  [command.showServerLog]: showServerLog,
  [command.enableServer]: enableServer,
  [command.disableServer]: disableServer,
  [command.copyName]: copyName,
  [command.copyConnection]: copyConnection,
};

/** Registers every command; `context` is asked for each time, because a folder may be trusted later. */
export function registerCommands(context: () => CommandContext): vscode.Disposable {
  const registrations = Object.entries(handlers).map(([id, handler]) =>
    vscode.commands.registerCommand(id, async (argument?: unknown) => {
      await runCommand(context(), id, handler, argument);
    }),
  );
  return vscode.Disposable.from(...registrations);
}
