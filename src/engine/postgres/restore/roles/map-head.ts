/**
 * The head of an archive with other roles in it: owners, which stand in fields of their own, and privileges, default privileges,
 * policies, user mappings and settings per role, which are taken apart by their grammar. All else stays byte for byte.
 * Works on bytes, each as one character: every encoding of a server keeps ASCII as it is, and names are compared as bytes.
 */

import type { RoleMap } from '../../../../domain/role-map.ts';
import { ArchiveCursor } from '../../archive/archive-cursor.ts';
import { readHead } from '../../archive/toc-reader.ts';
import type { ArchiveToc, TocEntry } from '../../archive/toc.ts';
import { globalsErrors } from '../../globals/errors.ts';
import {
  rewriteDefaultPrivilege,
  rewritePolicy,
  rewritePrivilege,
  rewriteSetting,
  rewriteUserMapping,
  type OnRole,
  type RewriteRoles,
} from '../../globals/role-places.ts';
import { isBlank, readTokens } from '../database/sql-lexer.ts';

/** Entries whose definition names roles. Others name them in owners only, or in texts that are nobody's to change. */
const rewriters: Readonly<Record<string, RewriteRoles>> = {
  ACL: rewritePrivilege,
  'ACL LANGUAGE': rewritePrivilege,
  // Who gave a privilege that is not the owner's is said by statements of a session.
  'DEFAULT ACL': (sql, onRole) => rewriteDefaultPrivilege(sql, onRole) ?? rewritePrivilege(sql, onRole),
  POLICY: rewritePolicy,
  'USER MAPPING': rewriteUserMapping,
  'DATABASE PROPERTIES': rewriteSetting,
};

export interface MappedHead {
  readonly headBytes: Buffer;
  /** Every role that the archive names, before any is mapped; bytes as characters. */
  readonly seen: ReadonlySet<string>;
}

/** Throws `roles-not-mappable`. */
export function mapRolesInHead(headBytes: Buffer, toc: ArchiveToc, roles: RoleMap): MappedHead {
  const seen = new Set<string>();
  const wanted = rolesAsBytes(roles, toc.encoding);
  const onRole: OnRole = (name) => {
    seen.add(name);
    return wanted.get(name) ?? name;
  };
  const copy = new HeadCopy(headBytes);
  for (const entry of toc.entries) copyEntry(copy, entry, onRole);
  return { headBytes: copy.finish(), seen };
}

function copyEntry(copy: HeadCopy, entry: TocEntry, onRole: OnRole): void {
  const { cursor, minor } = copy;
  cursor.int();
  cursor.int();
  copy.skipStrings(4);
  cursor.int();
  const rewrite = rewriters[entry.desc];
  copy.string((definition) => {
    if (rewrite === undefined) return definition;
    const after = rewriteEach(definition, rewrite, onRole);
    if (after === null) throw notMappable(`${entry.desc} ${entry.tag}`);
    return after;
  });
  copy.skipStrings(minor >= 14 ? 5 : 4);
  if (minor >= 16) cursor.int();
  copy.string((owner) => (owner === '' ? owner : onRole(owner)));
  copy.skipStrings(1);
  for (let dependency = cursor.string(); dependency !== null; ) dependency = cursor.string();
  copy.place();
}

/** The bytes of a head, read field by field, with other strings in some places. */
class HeadCopy {
  readonly cursor = new ArchiveCursor();
  readonly minor: number;
  readonly #bytes: Buffer;
  readonly #offsetBytes: number;
  readonly #pieces: Buffer[] = [];
  #copied = 0;

  constructor(headBytes: Buffer) {
    this.#bytes = headBytes;
    this.cursor.append(headBytes);
    const { minor, offsetBytes } = readHead(this.cursor);
    this.minor = minor;
    this.#offsetBytes = offsetBytes;
  }

  skipStrings(count: number): void {
    for (let field = 0; field < count; field += 1) this.cursor.string();
  }

  /** The next string as `change` wants it; bytes as characters. */
  string(change: (before: string) => string): void {
    const from = this.cursor.position;
    const bytes = this.cursor.string();
    if (bytes === null) return;
    const before = bytes.toString('latin1');
    const after = change(before);
    if (after === before) return;
    const text = Buffer.from(after, 'latin1');
    this.#replace(from, Buffer.concat([lengthOf(text), text]));
  }

  /** With another head the place of data that somebody wrote down is wrong; without it, it is looked for. */
  place(): void {
    const from = this.cursor.position;
    const state = this.cursor.byte();
    this.cursor.bytes(this.#offsetBytes);
    if (state === placeKnown) {
      this.#replace(from, Buffer.concat([Buffer.from([placeUnknown]), Buffer.alloc(this.#offsetBytes)]));
    }
  }

  finish(): Buffer {
    return Buffer.concat([...this.#pieces, this.#bytes.subarray(this.#copied)]);
  }

  #replace(from: number, bytes: Buffer): void {
    this.#pieces.push(this.#bytes.subarray(this.#copied, from), bytes);
    this.#copied = this.cursor.position;
  }
}

/** Roles of which several would become one. A role that is not mapped keeps its name. */
export function mergedRoles(seen: ReadonlySet<string>, roles: RoleMap, encoding: string): readonly string[] {
  const wanted = rolesAsBytes(roles, encoding);
  const groups = Map.groupBy(seen, (name) => wanted.get(name) ?? name);
  return [...groups]
    .filter(([, names]) => names.length > 1)
    .map(([name]) => Buffer.from(name, 'latin1').toString('utf8'));
}

/** K_OFFSET_POS_SET, K_OFFSET_POS_NOT_SET (pg_backup_archiver.h). */
const placeKnown = 2;
const placeUnknown = 1;

function rewriteEach(sql: string, rewrite: RewriteRoles, onRole: OnRole): string | null {
  let whole = '';
  let statement = '';
  const flush = (): boolean => {
    const isEmpty = readTokens(statement).every(isBlank);
    const after = isEmpty ? statement : rewrite(statement, onRole);
    whole += after ?? '';
    statement = '';
    return after !== null;
  };
  for (const token of readTokens(sql)) {
    if (token.kind !== 'symbol' || token.text !== ';') {
      statement += token.text;
      continue;
    }
    if (!flush()) return null;
    whole += ';';
  }
  return flush() ? whole : null;
}

/** Names beyond ASCII can be written in UTF-8 only. */
function rolesAsBytes(roles: RoleMap, encoding: string): RoleMap {
  const isUtf8 = encoding.toUpperCase() === 'UTF8';
  const isAscii = (name: string): boolean => Buffer.byteLength(name) === name.length;
  const odd = [...roles].flat().find((name) => !isUtf8 && !isAscii(name));
  if (odd !== undefined) throw notMappable(`${odd} (in an archive of the encoding ${encoding})`);
  const asBytes = (name: string): string => Buffer.from(name, 'utf8').toString('latin1');
  return new Map([...roles].map(([from, to]) => [asBytes(from), asBytes(to)]));
}

function lengthOf(text: Buffer): Buffer {
  const bytes = Buffer.alloc(5);
  bytes.writeInt32LE(text.length, 1);
  return bytes;
}

function notMappable(what: string): Error {
  return globalsErrors.make('roles-not-mappable', `roles cannot be mapped in ${what}`);
}
