import assert from 'node:assert/strict';
import * as v from 'valibot';
import * as vscode from 'vscode';
import {
  command,
  contextKey,
  mcpProvider,
  row,
  scheme,
  setting,
  view,
  viewContainer,
} from '../../../src/editor/contributions';
import manifest from '../../../package.json';
import texts from '../../../package.nls.json';

const { contributes } = manifest;
const MenuEntry = v.object({ command: v.string(), when: v.optional(v.string(), '') });

describe('package.json and the typed ids', () => {
  it('agree on the commands', () => {
    assert.deepEqual(contributes.commands.map((one) => one.command).sort(), Object.values(command).sort());
  });

  it('agree on views, settings and the MCP provider', () => {
    assert.deepEqual(
      contributes.views.devcontainerGateway.map(({ id }) => id),
      Object.values(view),
    );
    assert.deepEqual(
      contributes.viewsContainers.activitybar.map(({ id }) => id),
      [viewContainer],
    );
    assert.deepEqual(Object.keys(contributes.configuration.properties).sort(), Object.values(setting).sort());
    assert.deepEqual(
      contributes.mcpServerDefinitionProviders.map(({ id }) => id),
      [mcpProvider],
    );
  });

  it('use no context key and no row that the code does not set', () => {
    const conditions = JSON.stringify([contributes.menus, contributes.viewsWelcome, contributes.keybindings]);
    const known: string[] = [...Object.values(contextKey), view.gateway];
    for (const [used] of conditions.matchAll(/devcontainerGateway\.\w+(?= (==|!=|=~)|"|\)| &&)/g)) {
      if (Object.values<string>(command).includes(used)) continue;
      assert.ok(known.includes(used), used);
    }
    for (const [, used] of conditions.matchAll(/viewItem == ([\w.]+)/g))
      assert.ok(Object.values<string>(row).includes(used ?? ''), used);
  });

  it('match documents by schemes that the code makes', () => {
    const conditions = JSON.stringify([contributes.menus, contributes.keybindings]);
    const used = [...conditions.matchAll(/resourceScheme == ([\w-]+)/g)].map(([, name]) => name ?? '');
    const made: readonly string[] = ['file', ...Object.values(scheme)];
    assert.deepEqual(
      used.filter((name) => !made.includes(name)),
      [],
    );
  });

  it('put only commands that exist into menus', () => {
    for (const entries of Object.values(contributes.menus)) {
      for (const entry of v.parse(v.array(MenuEntry), entries))
        assert.ok(Object.values<string>(command).includes(entry.command), entry.command);
    }
  });

  it('name every text by a key that package.nls.json has, and no key is left over', () => {
    const used = [...JSON.stringify(manifest).matchAll(/"%([\w.]+)%"/g)].map(([, key]) => key ?? '');
    assert.deepEqual([...new Set(used)].sort(), Object.keys(texts).sort());
  });

  it('are the commands that the editor knows after activation', async () => {
    await vscode.extensions.getExtension('devcontainer-gateway.devcontainer-gateway')?.activate();
    const known = await vscode.commands.getCommands(true);
    for (const id of Object.values(command)) assert.ok(known.includes(id), id);
  });
});
