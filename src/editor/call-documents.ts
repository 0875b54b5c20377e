import { getNodeValue, parseTree, findNodeAtLocation, stripComments, type ParseError } from 'jsonc-parser';
import * as vscode from 'vscode';
import { DisposableList } from '../platform/disposable';
import { AppError } from '../platform/errors';
import type { ToolEntry } from './catalogue';
import { CallFiles, callUri } from './call-files';
import { argumentSkeleton, callSchema } from './call-schema';
import { command, scheme } from './contributions';

const { t } = vscode.l10n;

/** A call as it is written in the editor; `args` is the text of one JSON object, digit for digit. */
export interface WrittenCall {
  tool: string;
  args: string;
}

/**
 * Documents in which the arguments of a tool call are written, with the tool's schema for completion and checks, and the
 * read-only documents that show results.
 */
export class CallDocuments implements vscode.Disposable {
  readonly #owned = new DisposableList();
  readonly #files = new CallFiles();
  readonly #tools = new Map<string, ToolEntry>();
  readonly #results = new Map<string, string>();
  readonly #contentChanged = new vscode.EventEmitter<vscode.Uri>();

  constructor() {
    const { workspace, languages } = vscode;
    const own = <T extends vscode.Disposable>(item: T): T => this.#owned.add(item);
    const onDidChange = this.#contentChanged.event;
    own(this.#contentChanged);
    own(this.#files);
    own(workspace.registerFileSystemProvider(scheme.call, this.#files, { isCaseSensitive: true }));
    own(
      workspace.registerTextDocumentContentProvider(scheme.schema, {
        onDidChange,
        provideTextDocumentContent: (uri) => this.#schema(uri),
      }),
    );
    own(
      workspace.registerTextDocumentContentProvider(scheme.result, {
        onDidChange,
        provideTextDocumentContent: (uri) => this.#results.get(uri.path) ?? '',
      }),
    );
    own(languages.registerCodeLensProvider({ scheme: scheme.call }, { provideCodeLenses: lenses }));
  }

  /** Opens the call of a tool: as it was written last, else with the arguments that the tool asks for. */
  async open(tool: ToolEntry): Promise<void> {
    this.#tools.set(tool.name, tool);
    const uri = callUri(tool.name);
    this.#contentChanged.fire(schemaUri(tool.name));
    const known = this.#files.has(uri);
    if (!known) this.#files.writeFile(uri, Buffer.from(emptyCall(tool)));
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, known ? {} : { selection: firstValue(document) });
  }

  has(document: vscode.TextDocument): boolean {
    return document.uri.scheme === scheme.call;
  }

  tool(name: string): ToolEntry | undefined {
    return this.#tools.get(name);
  }

  /** Shows what a call gave, beside its document; the next result of the same tool takes its place. */
  async showResult(tool: string, text: string): Promise<void> {
    const uri = vscode.Uri.from({ scheme: scheme.result, path: `/${t('{0} result', tool)}` });
    this.#results.set(uri.path, text);
    this.#contentChanged.fire(uri);
    const document = await vscode.workspace.openTextDocument(uri);
    const viewColumn = vscode.ViewColumn.Beside;
    await vscode.window.showTextDocument(document, { viewColumn, preserveFocus: true, preview: true });
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #schema(uri: vscode.Uri): string {
    const name = decodeURIComponent(uri.path.replace(/^\//, '').replace(/\.json$/, ''));
    const tool = this.#tools.get(name) ?? this.#tools.get(uri.path.slice(1, -'.json'.length));
    return JSON.stringify(tool ? callSchema(tool) : {});
  }
}

function schemaUri(tool: string): vscode.Uri {
  return vscode.Uri.from({ scheme: scheme.schema, path: `/${encodeURIComponent(tool)}.json` });
}

/** A document with the required arguments of a tool, each with a first value. */
function emptyCall(tool: ToolEntry): string {
  const body = {
    $schema: `${scheme.schema}:/${encodeURIComponent(tool.name)}.json`,
    tool: tool.name,
    arguments: argumentSkeleton(tool.inputSchema),
  };
  return `// ${t('Call {0}', tool.name)}\n${JSON.stringify(body, null, 2)}\n`;
}

function lenses(): vscode.CodeLens[] {
  const title = `$(play) ${t('Call the tool')}`;
  return [new vscode.CodeLens(new vscode.Range(0, 0, 0, 0), { title, command: command.runCall })];
}

/** Where the first argument is to be typed. */
function firstValue(document: vscode.TextDocument): vscode.Range {
  const args = findNodeAtLocation(parseTree(document.getText()) ?? emptyNode, ['arguments']);
  const first = args?.children?.[0]?.children?.[1] ?? args ?? emptyNode;
  const inside = first.type === 'string' || first === args ? 1 : 0;
  const start = document.positionAt(first.offset + inside);
  return new vscode.Range(start, document.positionAt(first.offset + first.length - inside));
}

const emptyNode = { type: 'null', offset: 0, length: 0 } as const;

/** Reads a call from its document. Throws `invalid-value` with the line of what is wrong. */
export function readCall(document: vscode.TextDocument): WrittenCall {
  const text = document.getText();
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: false });
  const [error] = errors;
  if (error || !tree) {
    const line = document.positionAt(error?.offset ?? 0).line + 1;
    throw new AppError('invalid-value', t('The document is not valid JSON (line {0}).', line), {
      next: t('Correct it and call the tool again.'),
    });
  }
  const toolNode = findNodeAtLocation(tree, ['tool']);
  const args = findNodeAtLocation(tree, ['arguments']);
  const tool: unknown = toolNode && getNodeValue(toolNode);
  if (typeof tool !== 'string' || (args && args.type !== 'object')) {
    throw new AppError(
      'invalid-value',
      t('The document must have a "tool" (a string) and "arguments" (an object).'),
      {
        next: t('Open it again with "Call Tool".'),
      },
    );
  }
  return { tool, args: args ? stripComments(text.slice(args.offset, args.offset + args.length)) : '{}' };
}
