import path from 'node:path';
import { createTwoFilesPatch } from 'diff';
import type { Plan } from './plan';
import type { FileEdit, FileState } from './edits';
import { sha256 } from './record';

/** Above this many bytes a file is summed up instead of shown. */
const shownBytes = 64 * 1024;

/** A plan as a unified diff, for a person or `patch`; values of secrets are shown as `<secret>`. */
export function renderDiff(plan: Plan): string {
  return plan.edits.map((edit) => renderEdit(edit, plan.container.workspace)).join('');
}

function renderEdit(edit: FileEdit, workspace: string): string {
  const name = path.relative(workspace, edit.path).split(path.sep).join('/');
  const from = edit.before === undefined ? '/dev/null' : `a/${name}`;
  const to = edit.after === undefined ? '/dev/null' : `b/${name}`;
  const mode = modeLine(edit);
  if (isLarge(edit.before) || isLarge(edit.after)) return `--- ${from}\n+++ ${to}\n${mode}${sizeLine(edit)}`;
  const patch = createTwoFilesPatch(from, to, shown(edit, edit.before), shown(edit, edit.after));
  return mode + patch.replace(/^=+\r?\n/, '').replace(/\t$/gm, '');
}

function shown(edit: FileEdit, state: FileState | undefined): string {
  const text = state?.bytes.toString('utf8') ?? '';
  return edit.secret ? text.replace(/^([^#=\r\n\u2028\u2029]*=)[^\r\n]+/gm, '$1<secret>') : text;
}

function isLarge(state: FileState | undefined): boolean {
  return state !== undefined && state.bytes.length > shownBytes;
}

function sizeLine({ before, after }: FileEdit): string {
  const describe = (state: FileState | undefined): string =>
    state === undefined
      ? 'no file'
      : `${String(state.bytes.length)} bytes, sha256 ${sha256(state.bytes).slice(0, 12)}`;
  return `@@ ${describe(before)} -> ${describe(after)} @@\n`;
}

function modeLine({ before, after }: FileEdit): string {
  if (after?.mode === undefined || after.mode === before?.mode) return '';
  const octal = (mode: number): string => mode.toString(8).padStart(4, '0');
  return before?.mode === undefined
    ? `new mode ${octal(after.mode)}\n`
    : `mode ${octal(before.mode)} -> ${octal(after.mode)}\n`;
}
