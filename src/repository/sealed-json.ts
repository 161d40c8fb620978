/**
 * JSON that carries its own hash (docs/format.md, section 3): the last two lines are the SHA-256 of all bytes before
 * them, and the closing brace.
 */

import { createHash } from 'node:crypto';
import { messageOf } from '../domain/error.ts';

const trailerStart = '  "sha256": "';
const trailerEnd = '"\n}\n';
const trailerBytes = trailerStart.length + 64 + trailerEnd.length;

export type Unsealed =
  | { readonly ok: true; readonly value: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly problem: string };

/** The value must be an object with at least one field and none called `sha256`. */
export function sealJson(value: object): Buffer {
  const text = JSON.stringify(value, null, 2);
  if (!text.endsWith('\n}')) throw new TypeError('only an object with fields can be sealed');
  const body = Buffer.from(`${text.slice(0, -2)},\n`, 'utf8');
  return Buffer.concat([body, Buffer.from(`${trailerStart}${sha256(body)}${trailerEnd}`, 'latin1')]);
}

/** Checks ending and hash over the raw bytes before anything is parsed. */
export function unsealJson(bytes: Uint8Array): Unsealed {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (all.length <= trailerBytes) return { ok: false, problem: 'it is cut off' };
  const body = all.subarray(0, all.length - trailerBytes);
  const trailer = all.subarray(all.length - trailerBytes).toString('latin1');
  const stated = trailer.slice(trailerStart.length, trailerStart.length + 64);
  if (trailer !== `${trailerStart}${stated}${trailerEnd}`)
    return { ok: false, problem: 'it does not end with its hash' };
  if (sha256(body) !== stated) return { ok: false, problem: 'its bytes do not have the hash that it states' };
  return parse(all);
}

function parse(bytes: Buffer): Unsealed {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof parsed !== 'object' || parsed === null) return { ok: false, problem: 'it is not an object' };
    const { sha256: _, ...value } = parsed as Record<string, unknown>;
    return { ok: true, value };
  } catch (thrown) {
    return { ok: false, problem: `it is not JSON: ${messageOf(thrown)}` };
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
