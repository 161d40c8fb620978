/** Whether what failed is damage of the server's files: by SQLSTATE, and in what tools say by the server's own words. */

import { HoldfastError } from '../../../domain/error.ts';
import { errorCodeOf } from '../connection/server-errors.ts';
import { damageErrors } from './errors.ts';

/** XX001 data_corrupted, XX002 index_corrupted. */
const codes = new Set(['XX001', 'XX002']);
/** Of bufmgr.c, bufpage.c, md.c, heaptoast.c, detoast.c and slru.c; the environment asks for English. */
const words = new RegExp(
  [
    'invalid page in block',
    'could not read blocks? ',
    'could not open file "(?:base|global|pg_tblspc)/',
    '(?:missing|unexpected) chunk number',
    'unexpected chunk size',
    'compressed \\w+ data is corrupt',
    'could not access status of transaction',
    'could not open relation with OID',
    'invalid memory alloc request size',
  ].join('|'),
);

/** `source-damaged` for damage; anything else as it is. */
export function asDamage(thrown: unknown): unknown {
  if (!(thrown instanceof HoldfastError)) return thrown;
  const { message } = thrown;
  const isDamage = codes.has(errorCodeOf(thrown) ?? '') || words.test(message);
  return isDamage ? damageErrors.make('source-damaged', message, { cause: thrown }) : thrown;
}
