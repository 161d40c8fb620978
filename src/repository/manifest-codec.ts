/**
 * Reading what the writer sealed. A right hash with a form that is not understood was written by a newer version:
 * `unsupported`, never `damaged`.
 */

import type { z } from 'zod';
import type { BackupBegin } from '../domain/backup.ts';
import type { Fingerprint } from '../domain/fingerprint.ts';
import { beginSchema, fingerprintSchema, manifestSchema } from '../domain/manifest-schema.ts';
import type { Manifest } from '../domain/manifest.ts';
import { markSchema } from '../domain/mark-schema.ts';
import type { Mark } from '../domain/mark.ts';
import type { FolderName } from './layout.ts';
import { unsealJson } from './sealed-json.ts';

export type Decoded<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly state: 'damaged' | 'unsupported'; readonly problem: string };

/** A manifest in another folder than its own is damage: somebody moved or mixed up files. */
export function decodeManifest(bytes: Uint8Array, folder: FolderName): Decoded<Manifest> {
  return inFolder(decode(bytes, manifestSchema), folder);
}

export function decodeBegin(bytes: Uint8Array, folder: FolderName): Decoded<BackupBegin> {
  return inFolder(decode(bytes, beginSchema), folder);
}

export function decodeMark(bytes: Uint8Array, folder: FolderName): Decoded<Mark> {
  const mark = decode(bytes, markSchema);
  if (!mark.ok || mark.value.id === folder.id) return mark;
  return { ok: false, state: 'damaged', problem: `it belongs to ${mark.value.id}` };
}

export function decodeFingerprint(bytes: Uint8Array): Decoded<Fingerprint> {
  return decode(bytes, fingerprintSchema);
}

function decode<T>(bytes: Uint8Array, schema: z.ZodType<T>): Decoded<T> {
  const unsealed = unsealJson(bytes);
  if (!unsealed.ok) return { ok: false, state: 'damaged', problem: unsealed.problem };
  const parsed = schema.safeParse(unsealed.value);
  if (parsed.success) return { ok: true, value: parsed.data };
  const [issue] = parsed.error.issues;
  const where = issue === undefined ? '' : `${issue.path.join('.')}: ${issue.message}`;
  return { ok: false, state: 'unsupported', problem: `not understood by this version (${where})` };
}

function inFolder<T extends { readonly id: string; readonly database: string }>(
  decoded: Decoded<T>,
  folder: FolderName,
): Decoded<T> {
  if (!decoded.ok || (decoded.value.id === folder.id && decoded.value.database === folder.database)) return decoded;
  const { database, id } = decoded.value;
  return { ok: false, state: 'damaged', problem: `it belongs to ${database}/backups/${id}` };
}
