/** What a statement of a script is about, by its words. Only top-level ones are seen: what a function does is its own. */

import { identifierOf, isBlank, isKeyword, readTokens, type SqlToken } from '../restore/database/sql-lexer.ts';

export type StatementKind =
  /** Fills or shapes the database. */
  | { readonly kind: 'content' }
  /** `what`: `TABLE`, `SCHEMA`, `EXTENSION`, …; `roles` that must be there: those of a policy or a user mapping. */
  | {
      readonly kind: 'creates';
      readonly what: string;
      readonly name: string | null;
      readonly roles: readonly string[];
    }
  | { readonly kind: 'drops'; readonly what: string; readonly name: string | null }
  | { readonly kind: 'alters' }
  /** A remark on an extension, which CREATE EXTENSION makes by itself and only a superuser may change. */
  | { readonly kind: 'extension-comment' }
  | { readonly kind: 'rows' }
  /** Only sets something for the session. */
  | { readonly kind: 'setting' }
  | { readonly kind: 'owner'; readonly roles: readonly string[] }
  | { readonly kind: 'privilege'; readonly roles: readonly string[] }
  /** About the database itself, by its name. */
  | { readonly kind: 'database'; readonly changesIt: boolean }
  /** Reaches beyond the database that is to be filled. */
  | { readonly kind: 'unsafe'; readonly why: string };

const firstWord = /^(?:\s|--[^\n]*(?:\n|$))*([A-Za-z]+)/;
const content: StatementKind = { kind: 'content' };
/** Statements with other first words are content and need no closer look. */
const looks: Readonly<Record<string, (words: readonly SqlToken[]) => StatementKind>> = {
  ALTER: lookAtAlter,
  COMMENT: lookAtComment,
  COPY: lookAtCopy,
  CREATE: lookAtCreate,
  DROP: lookAtDrop,
  GRANT: lookAtPrivilege,
  INSERT: () => ({ kind: 'rows' }),
  REVOKE: lookAtPrivilege,
  SECURITY: (words) => (words.slice(0, 8).some((word) => isKeyword(word, 'DATABASE')) ? about(false) : content),
  SET: () => ({ kind: 'setting' }),
  SELECT: lookAtSelect,
};

/** `statement`: with the comments before it; of a long one the beginning. */
export function kindOfStatement(statement: string): StatementKind {
  const word = firstWord.exec(statement)?.[1]?.toUpperCase();
  const look = word === undefined ? lookAtAny : looks[word];
  return look === undefined ? content : look(significant(statement));
}

export type CopyKind = 'from-stdin' | 'other';

/** Null for a statement that is no COPY. */
export function copyKind(statement: string): CopyKind | null {
  const word = firstWord.exec(statement)?.[1];
  if (word !== undefined && word.toUpperCase() !== 'COPY') return null;
  const words = significant(statement);
  if (!isKeyword(words[0], 'COPY')) return null;
  let depth = 0;
  for (const [at, token] of words.entries()) {
    if (token.text === '(') depth += 1;
    else if (token.text === ')') depth -= 1;
    else if (depth === 0 && isKeyword(token, 'FROM')) return isKeyword(words[at + 1], 'STDIN') ? 'from-stdin' : 'other';
  }
  return 'other';
}

/** The roles that a GRANT or REVOKE names at its end. */
export function granteesOf(words: readonly SqlToken[]): readonly string[] {
  const at = words.findLastIndex((word) => isKeyword(word, 'TO') || isKeyword(word, 'FROM'));
  if (at < 0) return [];
  const roles: string[] = [];
  for (const token of words.slice(at + 1)) {
    if (token.kind === 'word' && ['WITH', 'GRANTED', 'CASCADE', 'RESTRICT'].includes(token.text.toUpperCase())) break;
    const name = identifierOf(token);
    const isPublic = token.kind === 'word' && name === 'public';
    if (name !== null && !isPublic && !isKeyword(token, 'GROUP')) roles.push(name);
  }
  return roles;
}

export function significant(statement: string): readonly SqlToken[] {
  return readTokens(statement).filter((token) => !isBlank(token));
}

/** Comments of the other form stand before the first word. */
function lookAtAny(words: readonly SqlToken[]): StatementKind {
  const look = looks[words[0]?.text.toUpperCase() ?? ''];
  return look === undefined ? content : look(words);
}

/** Large objects have no statement that drops them: --clean calls a function. */
function lookAtSelect(words: readonly SqlToken[]): StatementKind {
  if (words.some((word) => isKeyword(word, 'SET_CONFIG'))) return { kind: 'setting' };
  const unlinks = words.some((word) => isKeyword(word, 'LO_UNLINK'));
  return unlinks ? { kind: 'drops', what: 'LARGE OBJECT', name: null } : content;
}

function lookAtCopy(words: readonly SqlToken[]): StatementKind {
  if (copyKind(words.map(({ text }) => text).join(' ')) === 'from-stdin') return { kind: 'rows' };
  return { kind: 'unsafe', why: 'a COPY that reads or writes a file or a program on the server' };
}

function lookAtAlter(words: readonly SqlToken[]): StatementKind {
  if (isKeyword(words[1], 'SYSTEM')) return { kind: 'unsafe', why: 'ALTER SYSTEM' };
  if (isKeyword(words[1], 'DATABASE')) return about(true);
  // What a role has set in one database: pg_dump -C writes it with the database's own settings.
  const inDatabase = words.findIndex((word, at) => isKeyword(word, 'IN') && isKeyword(words[at + 1], 'DATABASE'));
  if (isServerWide(words)) return inDatabase === 3 ? about(true) : unsafe('ALTER', words);
  if (isKeyword(words[1], 'DEFAULT')) {
    const forRole = words.findIndex((word) => isKeyword(word, 'ROLE') || isKeyword(word, 'USER'));
    const owner = forRole < 0 ? null : identifierOf(words[forRole + 1]);
    return { kind: 'privilege', roles: [...(owner === null ? [] : [owner]), ...granteesOf(words)] };
  }
  const owner = words.findLastIndex((word, at) => isKeyword(word, 'OWNER') && isKeyword(words[at + 1], 'TO'));
  const name = owner < 0 ? null : identifierOf(words[owner + 2]);
  return name === null ? { kind: 'alters' } : { kind: 'owner', roles: [name] };
}

function lookAtComment(words: readonly SqlToken[]): StatementKind {
  if (isKeyword(words[2], 'EXTENSION')) return { kind: 'extension-comment' };
  return isKeyword(words[2], 'DATABASE') ? about(false) : content;
}

function lookAtCreate(words: readonly SqlToken[]): StatementKind {
  if (isKeyword(words[1], 'DATABASE')) return about(true);
  if (isServerWide(words)) return unsafe('CREATE', words);
  const isTable = words.slice(1, 4).some((word) => isKeyword(word, 'TABLE'));
  const what = isTable ? 'TABLE' : (words[1]?.text.toUpperCase() ?? '');
  return { kind: 'creates', what, name: nameBehind(words.slice(2)), roles: rolesOfCreate(what, words) };
}

/** `CREATE POLICY p ON t TO a, b USING (…)`, `CREATE USER MAPPING FOR a SERVER s`. */
export function rolesOfCreate(what: string, words: readonly SqlToken[]): readonly string[] {
  if (what === 'USER') {
    const user = identifierOf(words[4]);
    return user === null || user === 'public' ? [] : [user];
  }
  const to = what === 'POLICY' ? words.findIndex((word) => isKeyword(word, 'TO')) : -1;
  if (to < 0) return [];
  const end = words.findIndex((word, at) => at > to && (isKeyword(word, 'USING') || isKeyword(word, 'WITH')));
  return granteesOf(words.slice(to, end < 0 ? words.length : end));
}

function lookAtDrop(words: readonly SqlToken[]): StatementKind {
  if (isKeyword(words[1], 'DATABASE')) return about(true);
  if (isServerWide(words)) return unsafe('DROP', words);
  return { kind: 'drops', what: words[1]?.text.toUpperCase() ?? '', name: nameBehind(words.slice(2)) };
}

function lookAtPrivilege(words: readonly SqlToken[]): StatementKind {
  const on = words.findIndex((word) => isKeyword(word, 'ON'));
  if (on < 0) return { kind: 'unsafe', why: 'it gives or takes membership in a role' };
  if (isKeyword(words[on + 1], 'DATABASE')) return about(false);
  return { kind: 'privilege', roles: granteesOf(words) };
}

/** Roles and tablespaces belong to all databases of a server. A user mapping is an object of one. */
function isServerWide(words: readonly SqlToken[]): boolean {
  if (isKeyword(words[1], 'USER')) return !isKeyword(words[2], 'MAPPING');
  return ['ROLE', 'GROUP', 'TABLESPACE'].some((kind) => isKeyword(words[1], kind));
}

function unsafe(verb: string, words: readonly SqlToken[]): StatementKind {
  return { kind: 'unsafe', why: `${verb} ${words[1]?.text.toUpperCase() ?? ''}, which concerns the whole server` };
}

function about(changesIt: boolean): StatementKind {
  return { kind: 'database', changesIt };
}

function nameBehind(words: readonly SqlToken[]): string | null {
  const skipped = new Set(['IF', 'NOT', 'EXISTS', 'ONLY']);
  return identifierOf(words.find((word) => word.kind !== 'word' || !skipped.has(word.text.toUpperCase())));
}
