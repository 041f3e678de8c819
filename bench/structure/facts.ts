/** What the AST says of one source file: its exports, functions, records and lines of code. */
import { readdirSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import {
  type ClassDeclaration,
  type InterfaceDeclaration,
  isClassDeclaration,
  isExportAssignment,
  isExportDeclaration,
  isFunctionLikeDeclaration,
  isInterfaceDeclaration,
  isNamedExports,
  isPropertyDeclaration,
  isPropertySignatureDeclaration,
  isTypeAliasDeclaration,
  isTypeLiteralNode,
  isVariableStatement,
  type Node,
  type SourceFile,
  type Statement,
  SyntaxKind,
  type TypeAliasDeclaration,
} from 'typescript/unstable/ast';
import { API } from 'typescript/unstable/sync';

/** Fields of an interface, a type literal or a class, at least one of which may be assigned again. */
export interface MutableRecord {
  readonly name: string;
  readonly fields: number;
  readonly reassignable: number;
}

/** A line that is neither blank nor a comment, without its indentation. */
export interface CodeLine {
  readonly text: string;
  /** Counted from 1. */
  readonly line: number;
  /** A call, a decision, a loop, a calculation or an exit begins on it. */
  readonly hasLogic: boolean;
}

export interface FileFacts {
  /** Relative to the folder that was measured. */
  readonly path: string;
  readonly lines: number;
  /** Names that other files can import, types among them. */
  readonly exports: number;
  /** Every function with a body: lines from its first to its last, and parameters. */
  readonly functions: readonly { readonly lines: number; readonly parameters: number }[];
  readonly records: readonly MutableRecord[];
  readonly code: readonly CodeLine[];
}

const LOGIC: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.CallExpression,
  SyntaxKind.NewExpression,
  SyntaxKind.BinaryExpression,
  SyntaxKind.PrefixUnaryExpression,
  SyntaxKind.PostfixUnaryExpression,
  SyntaxKind.ConditionalExpression,
  SyntaxKind.AwaitExpression,
  SyntaxKind.YieldExpression,
  SyntaxKind.IfStatement,
  SyntaxKind.SwitchStatement,
  SyntaxKind.ForStatement,
  SyntaxKind.ForInStatement,
  SyntaxKind.ForOfStatement,
  SyntaxKind.WhileStatement,
  SyntaxKind.DoStatement,
  SyntaxKind.ReturnStatement,
  SyntaxKind.ThrowStatement,
  SyntaxKind.TryStatement,
]);

/** Facts of every `.ts` file in these folders, but for `.d.ts`, in the order of their paths. A folder that is missing is empty. */
export function factsOf(root: string, folders: readonly string[]): FileFacts[] {
  const paths = folders.flatMap((folder) => sourcePaths(join(root, folder))).sort();
  return withParsed(root, paths, (parsed) =>
    paths.map((path) => {
      const file = parsed(path);
      if (file === undefined) throw new Error(`${path} was not parsed: expected a readable TypeScript file.`);
      return { path: relative(root, path), ...factsOfFile(file) };
    }),
  );
}

function sourcePaths(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Parses these files and no others: nothing that they import, no library, no settings of the project. */
function withParsed<T>(
  root: string,
  files: readonly string[],
  use: (file: (path: string) => SourceFile | undefined) => T,
): T {
  const config = join(root, 'structure.tsconfig.json');
  const settings = JSON.stringify({ files, compilerOptions: { noLib: true, noResolve: true, types: [] } });
  const api = new API({
    cwd: root,
    fs: {
      readFile: (name) => (name === config ? settings : undefined),
      fileExists: (name) => (name === config ? true : undefined),
    },
  });
  try {
    const program = api.updateSnapshot({ openProjects: [config] }).getProject(config)?.program;
    return use((path) => program?.getSourceFile(path));
  } finally {
    api.close();
  }
}

function factsOfFile(file: SourceFile): Omit<FileFacts, 'path'> {
  const functions: { lines: number; parameters: number }[] = [];
  const records: MutableRecord[] = [];
  const withLogic = new Set<number>();
  const lineAt = (position: number): number => file.getLineAndCharacterOfPosition(position).line + 1;
  const visit = (node: Node): void => {
    const from = lineAt(node.getStart(file));
    if (LOGIC.has(node.kind)) withLogic.add(from);
    if (isFunctionLikeDeclaration(node) && 'body' in node && node.body !== undefined) {
      functions.push({ lines: lineAt(node.end) - from + 1, parameters: node.parameters.length });
    }
    const record = mutableRecord(node, `${basename(file.fileName)}:${from}`);
    if (record !== undefined) records.push(record);
    node.forEachChild(visit);
  };
  visit(file);
  const exports = file.statements.reduce((sum, statement) => sum + exportedNames(statement), 0);
  return { ...linesOf(file.text, withLogic), exports, functions, records };
}

function linesOf(text: string, withLogic: ReadonlySet<number>): Pick<FileFacts, 'lines' | 'code'> {
  const lines = text.replace(/\n$/, '').split('\n');
  const code = lines.flatMap((raw, index) => {
    const line = raw.trim();
    const isCode = line !== '' && !/^(\/\/|\/\*|\*\/|\* |\*$)/.test(line);
    return isCode ? [{ text: line, line: index + 1, hasLogic: withLogic.has(index + 1) }] : [];
  });
  return { lines: lines.length, code };
}

function exportedNames(statement: Statement): number {
  if (isExportAssignment(statement)) return 1;
  if (isExportDeclaration(statement)) {
    const clause = statement.exportClause;
    return clause !== undefined && isNamedExports(clause) ? clause.elements.length : 1;
  }
  if (!modifiersOf(statement).has(SyntaxKind.ExportKeyword)) return 0;
  return isVariableStatement(statement) ? statement.declarationList.declarations.length : 1;
}

/** `place` is the name of one that has none. */
function mutableRecord(node: Node, place: string): MutableRecord | undefined {
  if (!isInterfaceDeclaration(node) && !isClassDeclaration(node) && !isTypeLiteralNode(node)) return undefined;
  const members: readonly Node[] = node.members;
  const fields = members.filter((member) => isPropertySignatureDeclaration(member) || isPropertyDeclaration(member));
  const reassignable = fields.filter((field) => !modifiersOf(field).has(SyntaxKind.ReadonlyKeyword)).length;
  if (reassignable === 0) return undefined;
  const named = isTypeLiteralNode(node) ? node.parent : node;
  const name = isNamed(named) ? named.name?.text : undefined;
  return { name: name ?? place, fields: fields.length, reassignable };
}

function isNamed(node: Node): node is InterfaceDeclaration | ClassDeclaration | TypeAliasDeclaration {
  return isInterfaceDeclaration(node) || isClassDeclaration(node) || isTypeAliasDeclaration(node);
}

function modifiersOf(node: Node): ReadonlySet<SyntaxKind> {
  const { modifiers = [] } = node as Node & { readonly modifiers?: readonly Node[] };
  return new Set(modifiers.map(({ kind }) => kind));
}
