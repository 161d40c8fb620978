/**
 * Reads what `pg_dumpall --globals-only` wrote (pg_dumpall.c: dumpRoles, dumpRoleMembership, dumpUserConfig, dumpTablespaces,
 * dumpRoleGUCPrivs), of any version from 13 on. A statement that is not known is an error, not a guess; its text is never said, because it
 * may hold a password.
 */

import { decoderOf } from '../archive/text-encoding.ts';
import {
  identifierOf,
  isBlank,
  isKeyword,
  readTokens,
  splitStatements,
  type SqlToken,
} from '../restore/database/sql-lexer.ts';
import { globalsErrors } from './errors.ts';
import { rewritePrivilege } from './role-places.ts';
import type { GlobalStatement, Membership, RoleAttributes } from './statements.ts';

/** Throws `globals-unreadable`. */
export function parseGlobals(bytes: Uint8Array): readonly GlobalStatement[] {
  const found: GlobalStatement[] = [];
  let grantor: string | null = null;
  for (const statement of splitStatements(decode(bytes))) {
    const words = withoutMetaCommand(readTokens(statement)).filter((token) => !isBlank(token));
    if (words.length === 0 || isSessionSetting(words)) continue;
    if (isKeyword(words[0], 'RESET') && isKeyword(words[1], 'SESSION')) {
      grantor = null;
      continue;
    }
    if (isKeyword(words[0], 'SET') && isKeyword(words[1], 'SESSION')) {
      grantor = nameAt(words, 3);
      continue;
    }
    found.push(parseStatement(words, grantor));
  }
  return found;
}

function decode(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const encoding = /^SET client_encoding = '([^']+)'/m.exec(text)?.[1];
  if (encoding === undefined) throw unreadable('it does not say its encoding');
  return decoderOf(encoding)(bytes);
}

/** `\restrict …` and `\unrestrict …`, which pg_dumpall writes since August 2025, go to the end of their line. */
function withoutMetaCommand(tokens: readonly SqlToken[]): readonly SqlToken[] {
  const first = tokens.findIndex((token) => !isBlank(token));
  if (tokens[first]?.text !== '\\') return tokens;
  const end = tokens.findIndex(({ kind, text }, at) => at > first && kind === 'space' && text.includes('\n'));
  return end < 0 ? [] : withoutMetaCommand(tokens.slice(end));
}

function isSessionSetting([first, second]: readonly SqlToken[]): boolean {
  const known = ['DEFAULT_TRANSACTION_READ_ONLY', 'CLIENT_ENCODING', 'STANDARD_CONFORMING_STRINGS'];
  return isKeyword(first, 'SET') && known.some((name) => isKeyword(second, name));
}

function parseStatement(words: readonly SqlToken[], grantor: string | null): GlobalStatement {
  const parsed = parseKnown(words, grantor);
  if (parsed !== null) return parsed;
  const verbs = words.slice(0, 2).map(({ kind, text }) => (kind === 'word' ? text : '…'));
  throw unreadable(`a statement that begins with ${verbs.join(' ')} is not known`);
}

const parsers: Readonly<
  Record<string, (words: readonly SqlToken[], grantor: string | null) => GlobalStatement | null>
> = {
  'CREATE ROLE': (words) => (words.length === 3 ? { kind: 'create-role', role: nameAt(words, 2) } : null),
  'CREATE TABLESPACE': parseTablespace,
  'ALTER ROLE': parseAlterRole,
  'ALTER TABLESPACE': (words) => ({ kind: 'tablespace-detail', tablespace: nameAt(words, 2), sql: textOf(words) }),
  'COMMENT ON': parseRemark,
  'SECURITY LABEL': parseRemark,
};

function parseKnown(words: readonly SqlToken[], grantor: string | null): GlobalStatement | null {
  const [first, second] = words;
  if (isKeyword(first, 'GRANT') || isKeyword(first, 'REVOKE')) return parseGrant(words, grantor);
  const verb = [first, second].map((word) => (word?.kind === 'word' ? word.text.toUpperCase() : '')).join(' ');
  return parsers[verb]?.(words, grantor) ?? null;
}

function parseTablespace(words: readonly SqlToken[]): GlobalStatement | null {
  const location = words[6];
  if (!isKeyword(words[3], 'OWNER') || !isKeyword(words[5], 'LOCATION') || location?.kind !== 'string') return null;
  return {
    kind: 'create-tablespace',
    tablespace: nameAt(words, 2),
    owner: nameAt(words, 4),
    location: location.text,
  };
}

function parseAlterRole(words: readonly SqlToken[]): GlobalStatement | null {
  const role = nameAt(words, 2);
  if (isKeyword(words[3], 'SET')) {
    const parameter = words[4]?.text;
    if (parameter === undefined || !(isKeyword(words[5], 'TO') || words[5]?.text === '=')) return null;
    return { kind: 'role-setting', role, parameter, value: textOf(words.slice(6)) };
  }
  if (!isKeyword(words[3], 'WITH')) return null;
  const attributes = parseAttributes(words.slice(4));
  return attributes === null ? null : { kind: 'role-attributes', role, ...attributes };
}

function parseAttributes(words: readonly SqlToken[]): RoleAttributes | null {
  const flags = new Map<string, string>();
  const values = { connectionLimit: null, password: null, validUntil: null } as Record<ValuedAttribute, string | null>;
  for (let at = 0; at < words.length; ) {
    const valued = valuedAttributes.find(({ keywords }) =>
      keywords.every((keyword, index) => isKeyword(words[at + index], keyword)),
    );
    const word = words[at];
    if (valued !== undefined) {
      const from = at + valued.keywords.length;
      // A sign is a token of its own.
      const end = words[from]?.text === '-' ? from + 2 : from + 1;
      values[valued.key] = words
        .slice(from, end)
        .map(({ text }) => text)
        .join('');
      at = end;
    } else if (word?.kind === 'word') {
      const written = word.text.toUpperCase();
      flags.set(written.replace(/^NO/, ''), written);
      at += 1;
    } else return null;
  }
  return { flags, ...values };
}

type ValuedAttribute = 'connectionLimit' | 'password' | 'validUntil';

const valuedAttributes: readonly { readonly keywords: readonly string[]; readonly key: ValuedAttribute }[] = [
  { keywords: ['CONNECTION', 'LIMIT'], key: 'connectionLimit' },
  { keywords: ['PASSWORD'], key: 'password' },
  { keywords: ['VALID', 'UNTIL'], key: 'validUntil' },
];

/** `COMMENT ON ROLE a IS '…'`, `SECURITY LABEL FOR p ON ROLE a IS '…'`, and the same of tablespaces. */
function parseRemark(words: readonly SqlToken[]): GlobalStatement | null {
  const on = words.findIndex((word) => isKeyword(word, 'ON'));
  const text = words[on + 4];
  if (on < 0 || !isKeyword(words[on + 3], 'IS') || text === undefined) return null;
  const name = nameAt(words, on + 2);
  if (isKeyword(words[on + 1], 'TABLESPACE')) {
    return { kind: 'tablespace-detail', tablespace: name, sql: textOf(words) };
  }
  if (!isKeyword(words[on + 1], 'ROLE')) return null;
  if (isKeyword(words[0], 'COMMENT')) return { kind: 'role-comment', role: name, text: text.text };
  return { kind: 'role-label', role: name, provider: words[3]?.text ?? '', text: text.text };
}

function parseGrant(words: readonly SqlToken[], grantor: string | null): GlobalStatement | null {
  const on = words.findIndex((word) => isKeyword(word, 'ON'));
  if (on < 0) return parseMembership(words);
  const sql = textOf(words);
  const grantees: string[] = [];
  const known = rewritePrivilege(sql, (role) => {
    grantees.push(role);
    return role;
  });
  if (known === null) return null;
  const name = words[on + 2];
  if (isKeyword(words[on + 1], 'TABLESPACE')) {
    return { kind: 'tablespace-privilege', tablespace: nameAt(words, on + 2), sql, grantees, grantor };
  }
  if (!isKeyword(words[on + 1], 'PARAMETER') || name === undefined) return null;
  return { kind: 'parameter-privilege', parameter: name.text, sql, grantees, grantor };
}

/** `GRANT a TO b [WITH ADMIN OPTION, INHERIT TRUE, SET FALSE] [GRANTED BY c]`. */
function parseMembership(words: readonly SqlToken[]): GlobalStatement | null {
  if (!isKeyword(words[0], 'GRANT') || !isKeyword(words[2], 'TO')) return null;
  const found: { -readonly [Key in keyof Membership]: Membership[Key] } = {
    role: nameAt(words, 1),
    member: nameAt(words, 3),
    admin: false,
    inherit: null,
    set: true,
    grantor: null,
  };
  let at = 4;
  if (isKeyword(words[at], 'WITH')) {
    do {
      const option = membershipOptions.find(([keyword]) => isKeyword(words[at + 1], keyword));
      if (option === undefined) return null;
      found[option[1]] = !isKeyword(words[at + 2], 'FALSE');
      at += 3;
    } while (words[at]?.text === ',');
  }
  if (isKeyword(words[at], 'GRANTED') && isKeyword(words[at + 1], 'BY')) {
    found.grantor = nameAt(words, at + 2);
    at += 3;
  }
  return at === words.length ? { kind: 'membership', ...found } : null;
}

const membershipOptions = [
  ['ADMIN', 'admin'],
  ['INHERIT', 'inherit'],
  ['SET', 'set'],
] as const;

function nameAt(words: readonly SqlToken[], at: number): string {
  const name = identifierOf(words[at]);
  if (name === null) throw unreadable('a name is missing in a statement');
  return name;
}

/** One blank between words, so that the same statement is the same text whatever version wrote it. */
function textOf(words: readonly SqlToken[]): string {
  return words.map(({ text }) => text).join(' ');
}

function unreadable(why: string): Error {
  return globalsErrors.make('globals-unreadable', `the roles and settings of the backup cannot be read: ${why}`);
}
