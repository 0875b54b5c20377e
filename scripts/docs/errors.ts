// The tables of docs/errors.md.
import { problemCodes, httpFaults } from '../../src/builtin/edge/problem-codes';
import { exitMeanings, exitStatus } from '../../src/cli/exit-status';
import { rules } from '../../src/gateway/doctor/rules';
import { codeMeanings } from '../../src/mcp-wire/rpc-code-meanings';
import { codes } from '../../src/mcp-wire/rpc-error';
import { errorCodes } from '../../src/platform/error-codes';
import { code, table } from './table';

export function exitStatuses(): string {
  const rows = Object.entries(exitStatus).map(([name, status]) => [
    code(status),
    exitMeanings[name as keyof typeof exitStatus],
  ]);
  return table(['status', 'meaning'], rows);
}

export function commandCodes(): string {
  return table(
    ['code', 'meaning'],
    Object.entries(errorCodes).map(([name, meaning]) => [code(name), meaning]),
  );
}

export function httpProblems(): string {
  const answers = [
    ...Object.entries(problemCodes).map(([name, { status, meaning }]) => ({ name, status, meaning })),
    ...Object.values(httpFaults).map(({ status, meaning }) => ({
      name: 'http',
      status: Number.parseInt(status, 10),
      meaning,
    })),
  ];
  const rows = answers
    .sort((a, b) => a.status - b.status)
    .map(({ name, status, meaning }) => [String(status), code(name), meaning]);
  return table(['status', 'code', 'meaning'], rows);
}

export function rpcCodes(): string {
  const rows = Object.entries(codes)
    .sort(([, a], [, b]) => a - b)
    .map(([name, number]) => [code(number), codeMeanings[name as keyof typeof codes]]);
  return table(['code', 'meaning'], rows);
}

export function doctorRules(): string {
  return table(
    ['rule', 'what it looks at'],
    rules.map(({ id, looksAt }) => [code(id), `${looksAt.charAt(0).toUpperCase()}${looksAt.slice(1)}.`]),
  );
}
