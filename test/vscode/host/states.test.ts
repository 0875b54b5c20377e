import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import {
  reduce as next,
  type GatewayEvent,
  type GatewayState,
  type GatewayStatus,
} from '../../../src/gateway/watch/state';
import { gatewayChildren, rootNodes, serverChildren, type Node } from '../../../src/views/nodes';
import { controlPanel, faceOf } from '../../../src/views/status-item';
import { treeItem } from '../../../src/views/tree-item';
import { tooltipOf } from '../../../src/views/tooltip';
import { about, server } from './samples';
import { step } from '../../../src/platform/next-step';
import { nextFields } from '../../../src/servers/api-types';

/** The state after one event. */
function reduce(before: undefined, event: GatewayEvent): GatewayState {
  const state = next(before, event);
  assert.ok(state);
  return state;
}

const at = '2026-11-21T10:00:00.000Z';
const url = 'http://127.0.0.1:8811/mcp';
const trouble = { reason: 'the reason', next: step('the next step') };
const good = server('files', 'ready');
const bad = { ...server('broken', 'failed'), error: { message: 'it broke', ...nextFields('mend it') } };

/** Each state of the state machine, and what the person sees of it. */
const table: Record<
  GatewayStatus,
  { event: GatewayEvent; row: string | undefined; text: RegExp; icon: string; action: string }
> = {
  absent: {
    event: { at, type: 'missing', ...trouble },
    row: undefined,
    text: /^MCP: not created$/,
    icon: 'circle-slash',
    action: 'start',
  },
  stopped: {
    event: { at, type: 'stopped', ...trouble },
    row: undefined,
    text: /^MCP: stopped$/,
    icon: 'debug-pause',
    action: 'start',
  },
  creating: {
    event: { at, type: 'creating', step: 'building' },
    row: 'being created',
    text: /^MCP: being created$/,
    icon: 'loading~spin',
    action: 'stop',
  },
  starting: {
    event: {
      at,
      type: 'answered',
      ready: false,
      url,
      gateway: about,
      servers: [server('files', 'starting')],
    },
    row: 'starting · 1 server',
    text: /^MCP: starting$/,
    icon: 'loading~spin',
    action: 'stop',
  },
  healthy: {
    event: { at, type: 'answered', ready: true, url, gateway: about, servers: [good] },
    row: 'healthy · 1 server',
    text: /^MCP$/,
    icon: 'plug',
    action: 'restart',
  },
  degraded: {
    event: { at, type: 'answered', ready: true, url, gateway: about, servers: [good, bad] },
    row: 'degraded · 2 servers',
    text: /^MCP: degraded$/,
    icon: 'warning',
    action: 'restart',
  },
  unhealthy: {
    event: { at, type: 'unfit', url, ...trouble },
    row: 'unhealthy',
    text: /^MCP: unhealthy$/,
    icon: 'warning',
    action: 'restart',
  },
  unreachable: {
    event: { at, type: 'silent', url, ...trouble },
    row: 'unreachable',
    text: /^MCP: unreachable$/,
    icon: 'debug-disconnect',
    action: 'restart',
  },
  failed: {
    event: { at, type: 'failed', exitCode: 1, log: [], ...trouble },
    row: 'failed',
    text: /^MCP: failed$/,
    icon: 'error',
    action: 'start',
  },
};

describe('each state of the gateway', () => {
  for (const [status, expected] of Object.entries(table)) {
    const state = reduce(undefined, expected.event);
    const model = {
      state,
      engine: undefined,
      workspace: 'gateway' as const,
      problem: undefined,
      place: 'host' as const,
    };

    it(`${status}: has its row, or leaves the view to the welcome text`, () => {
      assert.equal(state.status, status);
      const [row] = rootNodes(state, undefined);
      assert.equal(row && treeItem(row).description, expected.row);
    });

    it(`${status}: has its text in the status bar, and says the state and why to a screen reader`, () => {
      const { text, label } = faceOf(model);
      const [, icon, words = ''] = /^\$\(([\w~-]+)\) (.*)$/.exec(text) ?? [];
      assert.equal(icon, expected.icon);
      assert.match(words, expected.text);
      assert.match(label, /^MCP Gateway: \w/);
      if ('reason' in state) assert.ok(label.includes(state.reason.slice(0, 20)), label);
    });

    it(`${status}: offers what can be done in the tooltip`, () => {
      const { value, isTrusted } = controlPanel(model);
      assert.ok(value.includes(`command:devcontainerGateway.${expected.action})`), value);
      assert.ok(value.includes('command:devcontainerGateway.showLogs'));
      assert.equal(typeof isTrusted, 'object');
    });
  }

  it('shows trouble as a row with the one command that mends it', () => {
    const commands = Object.values(table).flatMap(({ event }) => {
      const state = reduce(undefined, event);
      return gatewayChildren(state).flatMap((node) =>
        node.kind === 'trouble' ? [`${state.status}:${treeItem(node).command?.command ?? ''}`] : [],
      );
    });
    assert.deepEqual(commands.sort(), [
      'failed:devcontainerGateway.start',
      'unhealthy:devcontainerGateway.restart',
      'unreachable:devcontainerGateway.refresh',
    ]);
  });

  it('shows a broken servers file as a row that opens it', () => {
    const problem = {
      message: 'servers.json:3:1: no',
      file: '/x/servers.json',
      line: 3,
      column: 1,
      ...nextFields('Correct it.'),
    };
    const state = reduce(undefined, {
      at,
      type: 'answered',
      ready: true,
      url,
      gateway: { ...about, problem },
      servers: [good],
    });
    const [first] = gatewayChildren(state);
    assert.ok(first);
    assert.equal(treeItem(first).command?.command, 'devcontainerGateway.openServersFile');
  });
});

describe('the rows of a server', () => {
  it('are its groups that have something', () => {
    const groups = serverChildren(good).map((node) =>
      node.kind === 'group' ? `${node.group} ${node.count}` : node.kind,
    );
    assert.deepEqual(groups, ['tools 2', 'resources 2']);
  });

  it('are its error with a way to restart it, when it failed', () => {
    const [row] = serverChildren(bad);
    assert.ok(row);
    const { command } = treeItem(row);
    assert.equal(command?.command, 'devcontainerGateway.restartServer');
    assert.deepEqual(command.arguments, ['broken']);
  });

  it('keep their ids when their state changes, so that selection and expansion survive', () => {
    const id = (state: 'ready' | 'failed'): string | undefined =>
      treeItem({ kind: 'server', server: server('files', state) }).id;
    assert.equal(id('ready'), id('failed'));
  });

  it('let no description become markup, a link or an icon', () => {
    const evil = '[x](command:workbench.action.quit) $(flame) <b>';
    const node: Node = { kind: 'server', server: { ...good, description: evil } };
    const text = tooltipOf(node);
    assert.ok(text);
    assert.ok(!text.value.includes('](command:'), text.value);
    const state: GatewayState = reduce(undefined, {
      at,
      type: 'silent',
      url,
      reason: evil,
      next: step(evil),
    });
    const panel = controlPanel({
      state,
      engine: true,
      workspace: 'gateway',
      problem: undefined,
      place: 'host',
    });
    assert.ok(panel instanceof vscode.MarkdownString);
    assert.ok(!panel.value.includes('](command:workbench'), panel.value);
  });
});
