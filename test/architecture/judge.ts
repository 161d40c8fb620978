/** Holds source files against the import table. Pure: files in, sentences about what is wrong out. */

import { posix } from 'node:path';
import type { ImportTable } from './import-table.ts';
import { readSource, type FoundImport } from './read-imports.ts';

/** Path from the repository's root, `/`-separated → text. */
export type SourceFiles = ReadonlyMap<string, string>;

/** The one file that only gathers: what the package gives to programs. */
const publicEdge = 'src/index.ts';

interface Verdict {
  readonly complaints: string[];
  /** `a → b` and `a ⇒ package`, as seen. */
  readonly used: Set<string>;
}

export function judge(files: SourceFiles, table: ImportTable): readonly string[] {
  const verdict: Verdict = { complaints: [], used: new Set() };
  for (const [path, text] of files) {
    judgeSize(path, text, table, verdict);
    if (!path.startsWith('src/') || path.endsWith('.test.ts')) continue;
    const folder = folderOf(path, table);
    if (folder === null) {
      verdict.complaints.push(`${path}: lies in no folder of the import table`);
      continue;
    }
    judgeWords(path, text, folder, table, verdict);
    for (const found of readSource(path, text).imports) judgeImport({ path, folder, found }, files, table, verdict);
  }
  return [...verdict.complaints, ...unusedEntries(table, verdict.used)];
}

function judgeSize(path: string, text: string, table: ImportTable, verdict: Verdict): void {
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  if (lines > table.maximumLines) verdict.complaints.push(`${path}: ${lines} lines, ${table.maximumLines} are allowed`);
  const isBarrel = posix.basename(path) === 'index.ts' && path !== publicEdge;
  if (isBarrel) verdict.complaints.push(`${path}: a file is named for its one idea`);
}

function judgeWords(path: string, text: string, folder: string, table: ImportTable, verdict: Verdict): void {
  const forbidden = table.forbiddenWords[folder];
  if (forbidden === undefined) return;
  const { words } = readSource(path, text);
  for (const word of forbidden) {
    const line = words.get(word);
    if (line !== undefined) verdict.complaints.push(`${path}:${line}: ${folder} may not name ${word}`);
  }
}

interface ImportAt {
  readonly path: string;
  readonly folder: string;
  readonly found: FoundImport;
}

function judgeImport(at: ImportAt, files: SourceFiles, table: ImportTable, verdict: Verdict): void {
  const { specifier } = at.found;
  if (specifier === '(computed)') complain(at, verdict, 'imports something computed: nobody can check that');
  else if (specifier.startsWith('node:')) {
    if (table.withoutMachine.includes(at.folder)) complain(at, verdict, `${at.folder} may not import ${specifier}`);
  } else if (specifier.startsWith('.')) judgeRelative(at, files, table, verdict);
  else judgePackage(at, table, verdict);
}

function judgeRelative(at: ImportAt, files: SourceFiles, table: ImportTable, verdict: Verdict): void {
  const target = posix.join(posix.dirname(at.path), at.found.specifier);
  if (!files.has(target)) complain(at, verdict, `${at.found.specifier} is no source file of this repository`);
  else if (!target.startsWith('src/') || target.endsWith('.test.ts'))
    complain(at, verdict, `src may not import ${target}`);
  else judgeEdge(at, folderOf(target, table), table, verdict);
}

function judgeEdge(at: ImportAt, folder: string | null, table: ImportTable, verdict: Verdict): void {
  if (folder === null || folder === at.folder) return;
  verdict.used.add(`${at.folder} → ${folder}`);
  if (!(table.folders[at.folder] ?? []).includes(folder))
    complain(at, verdict, `${at.folder} may not import ${folder}`);
}

function judgePackage(at: ImportAt, table: ImportTable, verdict: Verdict): void {
  const parts = at.found.specifier.split('/');
  const name = parts.slice(0, at.found.specifier.startsWith('@') ? 2 : 1).join('/');
  verdict.used.add(`${at.folder} ⇒ ${name}`);
  if (!(table.packages[name] ?? []).includes(at.folder))
    complain(at, verdict, `${at.folder} may not import package ${name}`);
}

function complain(at: ImportAt, verdict: Verdict, what: string): void {
  verdict.complaints.push(`${at.path}:${at.found.line}: ${what}`);
}

function unusedEntries(table: ImportTable, used: ReadonlySet<string>): readonly string[] {
  const edges = Object.entries(table.folders).flatMap(([from, tos]) => tos.map((to) => `${from} → ${to}`));
  const packages = Object.entries(table.packages).flatMap(([name, froms]) => froms.map((from) => `${from} ⇒ ${name}`));
  return [...edges, ...packages]
    .filter((entry) => !used.has(entry))
    .map((entry) => `${entry} is listed, and nobody uses it`);
}

/** A file directly under `src/` is a folder of its own: `src/assemble.ts` is `assemble.ts`. */
function folderOf(path: string, table: ImportTable): string | null {
  const inner = path.slice('src/'.length);
  const names = Object.keys(table.folders).filter((name) => inner === name || inner.startsWith(`${name}/`));
  return names.sort((a, b) => b.length - a.length)[0] ?? null;
}
