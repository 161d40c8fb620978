/** What the operating system says, as an error of the store. */

import { HoldfastError, messageOf } from '../../domain/error.ts';
import { storeErrors } from '../errors.ts';

type Code = keyof typeof storeErrors.catalogue;

/** errno(3). */
const codes: Readonly<Record<string, Code>> = {
  ENOSPC: 'store-full',
  EDQUOT: 'store-full',
  EROFS: 'store-read-only',
  EACCES: 'store-denied',
  EPERM: 'store-denied',
  EFBIG: 'object-too-large',
  ENAMETOOLONG: 'invalid-key',
  EISDIR: 'invalid-key',
  ENOTDIR: 'invalid-key',
  ENOTEMPTY: 'invalid-key',
};

export function hasErrno(cause: unknown, ...names: readonly string[]): boolean {
  const { code } = cause as { readonly code?: unknown };
  return typeof code === 'string' && names.includes(code);
}

/** Errors of system calls become ours; whatever else was thrown (by the source of the bytes, say) stays what it is. */
export function storeError(cause: unknown, action: string, path: string): unknown {
  const { code, syscall } = cause as { readonly code?: unknown; readonly syscall?: unknown };
  if (cause instanceof HoldfastError || typeof code !== 'string' || typeof syscall !== 'string') return cause;
  return storeErrors.make(codes[code] ?? 'store-failed', `cannot ${action} ${path}: ${messageOf(cause)}`, {
    cause,
    ...hintFor(code, path),
  });
}

function hintFor(code: string, path: string): { readonly hint?: string } {
  if (code === 'ENOSPC') return { hint: `Free some room on the disk of ${path}, or choose another folder.` };
  if (code === 'EDQUOT') return { hint: `The quota for ${path} is used up: raise it, or choose another folder.` };
  if (code === 'EROFS')
    return { hint: `The file system of ${path} is mounted read-only: remount it, or choose another folder.` };
  if (code === 'EACCES' || code === 'EPERM') {
    const user = process.getuid?.();
    const who = user === undefined ? 'this user' : `user ${String(user)}`;
    return { hint: `Give ${who} the right to read and write ${path}, or choose another folder.` };
  }
  return {};
}
