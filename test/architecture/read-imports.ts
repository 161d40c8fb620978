/** What a source file imports, and the words it uses, read with TypeScript's own parser. */

import ts from 'typescript';

export interface FoundImport {
  readonly specifier: string;
  /** 1-based. */
  readonly line: number;
}

export interface ReadSource {
  /** Static, type-only and dynamic imports, re-exports and `import('…').T`. A computed specifier is `(computed)`. */
  readonly imports: readonly FoundImport[];
  /**
   * Identifiers and string contents, cut into lower-case words (`openPgSession` gives `open`, `pg`, `session`) → the line
   * of the first.
   */
  readonly words: ReadonlyMap<string, number>;
}

const alreadyRead = new Map<string, ReadSource>();

export function readSource(path: string, text: string): ReadSource {
  const key = `${path}\n${text}`;
  const known = alreadyRead.get(key);
  if (known !== undefined) return known;
  const imports: FoundImport[] = [];
  const words = new Map<string, number>();
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const visit = (node: ts.Node): void => {
    const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
    const specifier = specifierOf(node);
    if (specifier !== null) imports.push({ specifier, line });
    if (hasText(node)) for (const word of splitWords(node.text)) if (!words.has(word)) words.set(word, line);
    ts.forEachChild(node, visit);
  };
  visit(source);
  alreadyRead.set(key, { imports, words });
  return { imports, words };
}

/** Null when the node imports nothing. */
function specifierOf(node: ts.Node): string | null {
  if (ts.isImportDeclaration(node)) return literal(node.moduleSpecifier);
  if (ts.isExportDeclaration(node)) return node.moduleSpecifier === undefined ? null : literal(node.moduleSpecifier);
  if (ts.isImportTypeNode(node))
    return literal(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined);
  if (ts.isCallExpression(node) && isImportCall(node.expression)) return literal(node.arguments[0]);
  return null;
}

function literal(specifier: ts.Node | undefined): string {
  return specifier !== undefined && ts.isStringLiteralLike(specifier) ? specifier.text : '(computed)';
}

type TextNode =
  | ts.Identifier
  | ts.PrivateIdentifier
  | ts.StringLiteralLike
  | ts.TemplateHead
  | ts.TemplateMiddle
  | ts.TemplateTail;

function hasText(node: ts.Node): node is TextNode {
  return (
    ts.isIdentifier(node) ||
    ts.isPrivateIdentifier(node) ||
    ts.isStringLiteralLike(node) ||
    ts.isTemplateHead(node) ||
    ts.isTemplateMiddleOrTemplateTail(node)
  );
}

/** `import(…)` and `require(…)`. */
function isImportCall(callee: ts.Expression): boolean {
  return callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === 'require');
}

function splitWords(text: string): readonly string[] {
  return text
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.toLowerCase());
}
