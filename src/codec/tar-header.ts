/** One header block of a tar file (POSIX.1-1988 ustar, with GNU's and PostgreSQL's large numbers). */

import { codecErrors } from './errors.ts';

export const blockBytes = 512;

export interface TarHeader {
  readonly name: string;
  readonly sizeBytes: number;
  /** The type flag: `0` a file, `5` a folder, `L`, `x` and `g` remarks about what follows. */
  readonly type: string;
}

/** True for bytes that begin with a header whose checksum holds. */
export function beginsAsTar(head: Uint8Array): boolean {
  return head.length >= blockBytes && hasRightChecksum(Buffer.from(head.subarray(0, blockBytes)));
}

/** Throws `damaged-tar`. */
export function parseTarHeader(block: Buffer): TarHeader {
  if (!hasRightChecksum(block)) throw codecErrors.make('damaged-tar', 'a header of the tar file is damaged');
  const prefix = block.toString('latin1', 257, 262) === 'ustar' ? text(block, 345, 155) : '';
  const name = text(block, 0, 100);
  const type = block.toString('latin1', 156, 157);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    sizeBytes: number(block, 124, 12),
    type: type === '\0' || type === '7' ? '0' : type,
  };
}

/** The sum of all bytes, those of the field itself counted as blanks; of a block of zeros it never holds. */
function hasRightChecksum(block: Buffer): boolean {
  let sum = 8 * 32;
  for (const [at, byte] of block.entries()) if (at < 148 || at >= 156) sum += byte;
  const stated = /^[ 0]*([0-7]+)/.exec(block.toString('latin1', 148, 156))?.[1];
  return stated !== undefined && Number.parseInt(stated, 8) === sum && sum > 8 * 32;
}

function text(block: Buffer, start: number, length: number): string {
  const field = block.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? length : end);
}

/** Octal digits; with the highest bit of the first byte set, a binary number (tar(5), "Numeric Extensions"). */
function number(block: Buffer, start: number, length: number): number {
  const field = block.subarray(start, start + length);
  if ((field[0] ?? 0) & 0x80) return Number(BigInt(`0x${field.subarray(4).toString('hex')}`));
  const digits = field.toString('latin1').replaceAll(/[\0 ]/g, '');
  if (/^[0-7]*$/.test(digits)) return digits === '' ? 0 : Number.parseInt(digits, 8);
  throw codecErrors.make('damaged-tar', 'a size in the tar file is no number');
}
