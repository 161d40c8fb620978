/**
 * The head of an archive with other roles in it: owners, which stand in fields of their own, and privileges, default privileges,
 * policies, user mappings and settings per role, which are taken apart by their grammar. All else stays byte for byte.
 * Works on bytes, each as one character: every encoding of a server keeps ASCII as it is, and names are compared as bytes.
 */

import type { RoleMap } from '../../../../domain/role-map.ts';
import { ArchiveCursor } from '../../archive/archive-cursor.ts';
import { readHead } from '../../archive/toc-reader.ts';
import type { ArchiveToc } from '../../archive/toc.ts';
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
  const cursor = new ArchiveCursor();
  cursor.append(headBytes);
  const { minor, offsetBytes } = readHead(cursor);
  const pieces: Buffer[] = [];
  let copied = 0;
  const replace = (from: number, text: Buffer): void => {
    pieces.push(headBytes.subarray(copied, from), lengthOf(text), text);
    copied = cursor.position;
  };
  for (const entry of toc.entries) {
    for (let field = 0; field < 2; field += 1) cursor.int();
    for (let field = 0; field < 4; field += 1) cursor.string();
    cursor.int();
    const definitionAt = cursor.position;
    const definition = cursor.string();
    const rewrite = rewriters[entry.desc];
    if (definition !== null && rewrite !== undefined) {
      const before = definition.toString('latin1');
      const after = rewriteEach(before, rewrite, onRole);
      if (after === null) throw notMappable(`${entry.desc} ${entry.tag}`);
      if (after !== before) replace(definitionAt, Buffer.from(after, 'latin1'));
    }
    for (let field = 0; field < 4 + (minor >= 14 ? 1 : 0); field += 1) cursor.string();
    if (minor >= 16) cursor.int();
    const ownerAt = cursor.position;
    const owner = cursor.string();
    if (owner !== null && owner.length > 0) {
      const name = owner.toString('latin1');
      const after = onRole(name);
      if (after !== name) replace(ownerAt, Buffer.from(after, 'latin1'));
    }
    cursor.string();
    while (cursor.string() !== null);
    const stateAt = cursor.position;
    if (cursor.byte() === placeKnown) {
      // With another head the places of data that somebody wrote down are wrong; without them it is looked for.
      cursor.bytes(offsetBytes);
      pieces.push(headBytes.subarray(copied, stateAt), Buffer.from([placeUnknown]), Buffer.alloc(offsetBytes));
      copied = cursor.position;
    } else cursor.bytes(offsetBytes);
  }
  pieces.push(headBytes.subarray(copied));
  return { headBytes: Buffer.concat(pieces), seen };
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
