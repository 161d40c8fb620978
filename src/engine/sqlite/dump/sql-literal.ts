/** Values as SQL literals that give back the very same value: type, bits and bytes. */

import { isUtf8 } from 'node:buffer';
import { quoteIdentifier, quoteLiteral } from '../quote.ts';

/** A value as `literalExpression` hands it out. */
export type DumpedValue = bigint | number | string | null;

/**
 * How a column is read for a literal: TEXT as `t` and BLOB as `b` followed by the bytes in hex (in the database's encoding),
 * since JavaScript strings cannot hold all that TEXT can; everything else as it is.
 */
export function literalExpression(column: string): string {
  const name = quoteIdentifier(column);
  const hex = `concat(substr(typeof(${name}), 1, 1), hex(CAST(${name} AS BLOB)))`;
  return `CASE WHEN typeof(${name}) IN ('text', 'blob') THEN ${hex} ELSE ${name} END`;
}

/** `encoding` as `PRAGMA encoding` says it. */
export function literalOf(value: DumpedValue, encoding: string): string {
  if (value === null) return 'NULL';
  if (typeof value === 'bigint') return integerLiteral(value);
  if (typeof value === 'number') return realLiteral(value);
  const hex = value.slice(1);
  return value.startsWith('b') ? `X'${hex}'` : textLiteral(hex, encoding);
}

/** The lowest integer cannot be written: its digits without the sign are no integer any more. */
function integerLiteral(value: bigint): string {
  return value === -0x8000_0000_0000_0000n ? '(-9223372036854775807 - 1)' : value.toString();
}

/** 17 digits are exact; up to 15 any SQLite reads a shorter form exactly. Beyond the range `9.0e+999` is infinity. */
function realLiteral(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? '9.0e+999' : '-9.0e+999';
  if (Object.is(value, -0)) return '-0.0';
  const short = String(value);
  const digits = short.replace(/e.*$/, '').replaceAll(/[-.]/g, '').replace(/^0+/, '');
  const text = digits.length <= 15 ? short : value.toExponential(16);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** Plain where SQL can say it; through its bytes where it holds NUL or is not valid. */
function textLiteral(hex: string, encoding: string): string {
  const text = decodeText(Buffer.from(hex, 'hex'), encoding);
  return text === null || text.includes('\0') ? `CAST(X'${hex}' AS TEXT)` : quoteLiteral(text);
}

function decodeText(bytes: Buffer, encoding: string): string | null {
  if (encoding === 'UTF-8') return isUtf8(bytes) ? bytes.toString('utf8') : null;
  try {
    return new TextDecoder(encoding.toLowerCase(), { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
