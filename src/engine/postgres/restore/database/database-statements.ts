/**
 * What belongs to the database itself, not to anything in it: encoding, locale, tablespace, owner, comment, labels,
 * settings, settings per role, privileges, connection limit. Every custom archive holds it in its DATABASE, DATABASE
 * PROPERTIES, COMMENT, SECURITY LABEL and ACL entries (pg_dump.c, dumpDatabase), under the source's name. Here these
 * entries become statements for a database of another name.
 */

import type { ArchiveToc, TocEntry } from '../../archive/toc.ts';
import { quoteIdentifier } from '../../quote.ts';
import { identifierOf, isBlank, isKeyword, readTokens, splitStatements, type SqlToken } from './sql-lexer.ts';

export interface DatabaseStatements {
  readonly create: string;
  /** Owner, comment, labels, settings: run before anything is restored, as `pg_restore --create` does. */
  readonly properties: readonly string[];
  /** Run after everything is restored, as `pg_restore --create` does. */
  readonly privileges: readonly string[];
  /** What would stop the restore itself or its removal (connection limit, IS_TEMPLATE): run when it is put in place. */
  readonly restrictions: readonly string[];
}

export interface DatabaseStatementOptions {
  readonly owners: boolean;
  readonly privileges: boolean;
  /** The server's major version: what it does not know yet is left out. */
  readonly serverMajor: number;
}

/** Null when the archive has no DATABASE entry. */
export function databaseStatements(
  toc: ArchiveToc,
  name: string,
  options: DatabaseStatementOptions,
): DatabaseStatements | null {
  const entry = toc.entries.find(({ desc }) => desc === 'DATABASE');
  const create = entry === undefined ? undefined : renamed(entry, entry.tag, name)[0];
  if (entry === undefined || create === undefined) return null;
  const own = toc.entries.filter((other) => ['COMMENT', 'SECURITY LABEL'].includes(other.desc) && isOfDatabase(other));
  const acls = toc.entries.filter((other) => other.desc === 'ACL' && isOfDatabase(other));
  const settings = toc.entries
    .filter(({ desc }) => desc === 'DATABASE PROPERTIES')
    .flatMap((other) => renamed(other, entry.tag, name));
  const owner =
    options.owners && entry.owner !== ''
      ? [`ALTER DATABASE ${quoteIdentifier(name)} OWNER TO ${quoteIdentifier(entry.owner)}`]
      : [];
  return {
    create: options.serverMajor < 15 ? withoutOption(create, 'LOCALE_PROVIDER') : create,
    properties: [
      ...owner,
      ...own.flatMap((other) => renamed(other, entry.tag, name)),
      ...settings.filter((statement) => !isRestriction(statement)),
    ],
    privileges: options.privileges ? acls.flatMap((other) => renamed(other, entry.tag, name)) : [],
    restrictions: settings.filter(isRestriction),
  };
}

/** The same CREATE DATABASE with locale `C`: for a server that has not the source's locale installed. */
export function withPlainLocale(create: string): string {
  const stripped = localeOptions.reduce(withoutOption, create);
  return `${stripped} LOCALE = 'C'`;
}

/** The locale a CREATE DATABASE asks for, as it is written there; null when it names none. */
export function localeOf(create: string): string | null {
  return optionOf(create, 'LOCALE') ?? optionOf(create, 'LC_COLLATE');
}

/** The value of an option of CREATE DATABASE without its quotes: `UTF8` for `ENCODING = 'UTF8'`. */
export function optionOf(create: string, option: string): string | null {
  const found = findOption(significant(create), option);
  return found === null ? null : textOf(found);
}

/** The statement with `from` replaced by `to` wherever it stands as the name of a database. */
export function renameDatabase(sql: string, from: string, to: string): string {
  const tokens = readTokens(sql);
  let afterDatabase = false;
  return tokens
    .map((token) => {
      if (isBlank(token)) return token.text;
      const isName = afterDatabase && identifierOf(token) === from;
      afterDatabase = isKeyword(token, 'DATABASE');
      return isName ? quoteIdentifier(to) : token.text;
    })
    .join('');
}

/** Roles that have settings of their own in the database. */
export function rolesInSettings(statements: DatabaseStatements): readonly string[] {
  const roles = statements.properties.flatMap((statement) => {
    const [first, second, role, next] = significant(statement);
    if (!isKeyword(first, 'ALTER') || !isKeyword(second, 'ROLE') || !isKeyword(next, 'IN')) return [];
    const name = identifierOf(role);
    return name === null ? [] : [name];
  });
  return [...new Set(roles)];
}

const localeOptions = [
  'LOCALE_PROVIDER',
  'LOCALE',
  'LC_COLLATE',
  'LC_CTYPE',
  'ICU_LOCALE',
  'ICU_RULES',
  'BUILTIN_LOCALE',
  'COLLATION_VERSION',
];

/**
 * `from` is the DATABASE entry's tag, the name in the server's catalogue: the head of the archive has the name that
 * pg_dump was given, of which a server may cut off what is too long.
 */
function renamed(entry: TocEntry, from: string, name: string): readonly string[] {
  return splitStatements(entry.definition).map((statement) => renameDatabase(statement, from, name));
}

/** pg_dump tags what hangs on the database `DATABASE <name>`; no other kind of object begins so. */
function isOfDatabase(entry: TocEntry): boolean {
  return entry.namespace === '' && entry.tag.startsWith('DATABASE ');
}

/** ALTER DATABASE x CONNECTION LIMIT / IS_TEMPLATE / ALLOW_CONNECTIONS, with or without WITH. */
function isRestriction(statement: string): boolean {
  const [first, second, , ...rest] = significant(statement);
  if (!isKeyword(first, 'ALTER') || !isKeyword(second, 'DATABASE')) return false;
  const [next, after] = rest;
  const token = isKeyword(next, 'WITH') ? after : next;
  return ['CONNECTION', 'IS_TEMPLATE', 'ALLOW_CONNECTIONS'].some((keyword) => isKeyword(token, keyword));
}

function significant(sql: string): readonly SqlToken[] {
  return readTokens(sql).filter((token) => !isBlank(token));
}

function findOption(tokens: readonly SqlToken[], option: string): SqlToken | null {
  const at = tokens.findIndex((token, index) => isKeyword(token, option) && tokens[index + 1]?.text === '=');
  return at < 0 ? null : (tokens[at + 2] ?? null);
}

function textOf(token: SqlToken): string {
  if (token.kind === 'string') return token.text.slice(token.text.indexOf("'") + 1, -1).replaceAll("''", "'");
  return identifierOf(token) ?? token.text;
}

function withoutOption(create: string, option: string): string {
  const tokens = significant(create);
  const at = tokens.findIndex((token, index) => isKeyword(token, option) && tokens[index + 1]?.text === '=');
  const kept = at < 0 ? tokens : [...tokens.slice(0, at), ...tokens.slice(at + 3)];
  return kept.map((token) => token.text).join(' ');
}
