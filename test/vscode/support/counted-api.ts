import * as vscode from 'vscode';

/** What was registered, listened to or created through the editor's interface and is not disposed yet. */
export interface CountedApi {
  left(): string[];
  restore(): void;
}

/** Counts everything with a `dispose` that the editor's functions hand out from now on. */
export function countDisposables(): CountedApi {
  const live = new Map<object, string>();
  const restores: (() => void)[] = [];
  const namespaces = {
    window: vscode.window,
    workspace: vscode.workspace,
    languages: vscode.languages,
    commands: vscode.commands,
    lm: vscode.lm,
  };
  for (const [name, namespace] of Object.entries(namespaces)) {
    for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(namespace))) {
      if (!/^(on|create|register)[A-Z]/.test(key) || descriptor.configurable !== true) continue;
      const original: unknown = Reflect.get(namespace, key);
      if (typeof original !== 'function') continue;
      const value = (...args: unknown[]): unknown =>
        counted(Reflect.apply(original, namespace, args), `${name}.${key}`, live);
      Object.defineProperty(namespace, key, { value, configurable: true, writable: true });
      restores.push(() => Object.defineProperty(namespace, key, descriptor));
    }
  }
  return {
    left: () => [...live.values()].sort(),
    restore: () => {
      for (const restore of restores) restore();
    },
  };
}

function counted(result: unknown, name: string, live: Map<object, string>): unknown {
  if (typeof result !== 'object' || result === null || !('dispose' in result)) return result;
  const { dispose } = result;
  if (typeof dispose !== 'function') return result;
  live.set(result, name);
  const value = (): void => {
    live.delete(result);
    Reflect.apply(dispose, result, []);
  };
  Object.defineProperty(result, 'dispose', { value, configurable: true, writable: true });
  return result;
}
