/**
 * What a URL says of a SQLite file, before anything looks at the disk. Read are SQLite's own `file:` names
 * (https://sqlite.org/uri.html, so `%20` is a space and `?…` is no part of the path), Prisma's `file:./dev.db`, and the
 * `sqlite:` and `sqlite3:` forms of ORMs.
 */

import { sqliteErrors } from '../errors.ts';

export interface SqliteUrl {
  readonly scheme: 'file' | 'sqlite' | 'sqlite3' | null;
  /** Absolute, or relative to a folder the caller finds out. */
  readonly path: string;
  /** Another reading, tried when nothing is at `path`: some ORMs take `sqlite:///dev.db` as relative. */
  readonly otherPath: string | null;
}

const schemePattern = /^(file|sqlite3?):/i;
const barePattern = /\.(db3?|sqlite3?|s3db)$/i;

/** True for the schemes above, and for a bare path that ends as SQLite files do. */
export function isSqliteUrl(url: string): boolean {
  return (
    schemePattern.test(url) ||
    (!/^[a-z][a-z0-9+.-]+:|^\w+\s*=/i.test(url) && barePattern.test(url.replace(/[?#].*$/s, '')))
  );
}

export function parseSqliteUrl(url: string): SqliteUrl {
  const scheme = (schemePattern.exec(url)?.[1]?.toLowerCase() ?? null) as SqliteUrl['scheme'];
  if (scheme === null) return checked({ scheme, path: url.replace(/\?.*$/s, ''), otherPath: null });
  const rest = url.slice(scheme.length + 1);
  if (/:memory:|[?&](mode=memory|vfs=memdb)(&|$)/.test(rest)) {
    throw sqliteErrors.make('sqlite-in-memory', 'the URL names a database in memory');
  }
  const path = decode(rest.replace(/[?#].*$/s, ''));
  if (!path.startsWith('//')) return checked({ scheme, path, otherPath: null });
  return checked({ scheme, ...afterAuthority(scheme, path.slice(2)) });
}

/** `//host/path`: an empty host or `localhost` is this machine; any other "host" is the first part of a relative path. */
function afterAuthority(scheme: string, text: string): Omit<SqliteUrl, 'scheme'> {
  const local = text.replace(/^localhost(?=\/)/i, '');
  if (!local.startsWith('/')) return { path: local, otherPath: null };
  const path = local.replace(/^\/+/, '/');
  const relative = scheme !== 'file' && !local.startsWith('//') ? path.slice(1) : null;
  return { path, otherPath: relative === '' ? null : relative };
}

function checked(url: SqliteUrl): SqliteUrl {
  if (url.path === '' || url.path.endsWith('/') || url.path.includes('\0')) {
    throw sqliteErrors.make('sqlite-url-invalid', 'the URL names no file');
  }
  return url;
}

/** `%` that begins no escape stands for itself. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
