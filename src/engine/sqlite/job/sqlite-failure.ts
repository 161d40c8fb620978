/** What SQLite's result codes mean here (https://sqlite.org/rescode.html). */

import { messageOf, type HoldfastError } from '../../../domain/error.ts';
import { sqliteErrors } from '../errors.ts';

export const resultCode = {
  error: 1,
  busy: 5,
  locked: 6,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  tooBig: 18,
  notADatabase: 26,
} as const;

/** `SQLITE_READONLY_ROLLBACK`: a journal must be rolled back first, and this connection may not. */
export const readOnlyRollback = 776;

/** The extended result code of an error that node:sqlite threw; null for any other. */
export function extendedCode(thrown: unknown): number | null {
  const code = thrown instanceof Error ? (thrown as Error & { readonly errcode?: unknown }).errcode : null;
  return typeof code === 'number' ? code : null;
}

/** The primary result code: the lowest 8 bits. */
export function primaryCode(thrown: unknown): number | null {
  const code = extendedCode(thrown);
  return code === null ? null : code & 0xff;
}

export function isDamage(thrown: unknown): boolean {
  const code = primaryCode(thrown);
  return code === resultCode.corrupt || code === resultCode.notADatabase;
}

export function isBusy(thrown: unknown): boolean {
  const code = primaryCode(thrown);
  return code === resultCode.busy || code === resultCode.locked;
}

/** The program's own error for what SQLite or the operating system threw. */
export function asHoldfastError(thrown: unknown, path?: string): HoldfastError {
  const message = `${path === undefined ? '' : `${path}: `}${messageOf(thrown)}`;
  return sqliteErrors.make(codeFor(thrown), message, { cause: thrown });
}

function codeFor(thrown: unknown): keyof typeof sqliteErrors.catalogue {
  const system = (thrown as { readonly code?: unknown } | null)?.code;
  if (system === 'ENOSPC' || system === 'EDQUOT') return 'sqlite-no-room';
  if (['EACCES', 'EPERM', 'EROFS', 'EBUSY', 'EXDEV'].includes(String(system))) return 'sqlite-write-refused';
  switch (primaryCode(thrown)) {
    case resultCode.busy:
    case resultCode.locked:
      return 'sqlite-busy';
    case resultCode.corrupt:
      return 'sqlite-malformed';
    case resultCode.notADatabase:
      return 'not-a-database';
    case resultCode.full:
      return 'sqlite-no-room';
    case resultCode.cannotOpen:
      return 'sqlite-file-unreadable';
    case resultCode.readOnly:
      return 'sqlite-write-refused';
    default:
      return 'sqlite-failed';
  }
}
