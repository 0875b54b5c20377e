import * as vscode from 'vscode';

/** The error messages that were shown to the person while `work` ran; nobody presses a button of them. */
export async function errorsDuring(work: () => Promise<unknown>): Promise<string[]> {
  const shown: string[] = [];
  const original = vscode.window.showErrorMessage;
  const fake = (message: string): Promise<undefined> => {
    shown.push(message);
    return Promise.resolve(undefined);
  };
  Object.defineProperty(vscode.window, 'showErrorMessage', {
    value: fake,
    configurable: true,
    writable: true,
  });
  try {
    await work();
  } finally {
    Object.defineProperty(vscode.window, 'showErrorMessage', {
      value: original,
      configurable: true,
      writable: true,
    });
  }
  return shown;
}
