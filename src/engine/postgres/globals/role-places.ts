/**
 * The places in SQL that pg_dump and pg_dumpall write where a role is named. Statements are taken apart by their grammar, word
 * by word; one that does not have the form it should have is not guessed at: the answer is null. What stands in strings, bodies
 * of functions and expressions is never looked at.
 */

import { quoteIdentifier } from '../quote.ts';
import { identifierOf, isBlank, isKeyword, readTokens, type SqlToken } from '../restore/database/sql-lexer.ts';

/** Called with each role; what it answers stands in its place. */
export type OnRole = (name: string) => string;

/** The statement with other roles; null when it is not of the form that this reader knows. */
export type RewriteRoles = (sql: string, onRole: OnRole) => string | null;

/** Reads a statement token by token; blanks are passed over. */
export class StatementReader {
  readonly tokens: SqlToken[];
  readonly #onRole: OnRole;
  #at = 0;

  constructor(sql: string, onRole: OnRole) {
    this.tokens = [...readTokens(sql)];
    this.#onRole = onRole;
    this.#skipBlanks();
  }

  get next(): SqlToken | undefined {
    return this.tokens[this.#at];
  }

  get isAtEnd(): boolean {
    return this.next === undefined;
  }

  get text(): string {
    return this.tokens.map(({ text }) => text).join('');
  }

  step(): void {
    this.#at += 1;
    this.#skipBlanks();
  }

  /** Takes these keywords if they come next, all of them. */
  takes(...keywords: readonly string[]): boolean {
    const before = this.#at;
    for (const keyword of keywords) {
      if (!isKeyword(this.next, keyword)) {
        this.#at = before;
        return false;
      }
      this.step();
    }
    return true;
  }

  takesSymbol(symbol: string): boolean {
    if (this.next?.kind !== 'symbol' || this.next.text !== symbol) return false;
    this.step();
    return true;
  }

  /** A name, whatever it names; null when there is none. */
  takeName(): string | null {
    const name = identifierOf(this.next);
    if (name !== null) this.step();
    return name;
  }

  /** The name of a role, which may be replaced. PUBLIC is none. */
  takeRole(): boolean {
    const token = this.next;
    const name = identifierOf(token);
    if (name === null || token === undefined) return false;
    if (token.kind !== 'word' || name !== 'public') {
      const wanted = this.#onRole(name);
      if (wanted !== name) this.tokens[this.#at] = { kind: 'quoted', text: quoteIdentifier(wanted) };
    }
    this.step();
    return true;
  }

  /** `a, b`, at least one. */
  takeRoles(): boolean {
    do {
      if (!this.takeRole()) return false;
    } while (this.takesSymbol(','));
    return true;
  }

  /** Up to this keyword outside of parentheses, which is taken; false when it does not come. */
  skipPast(...keywords: readonly string[]): boolean {
    let depth = 0;
    while (!this.isAtEnd) {
      const token = this.next;
      if (token?.text === '(') depth += 1;
      else if (token?.text === ')') depth -= 1;
      else if (depth === 0 && keywords.some((keyword) => isKeyword(token, keyword))) {
        this.step();
        return true;
      }
      this.step();
    }
    return false;
  }

  #skipBlanks(): void {
    while (this.next !== undefined && isBlank(this.next)) this.#at += 1;
  }
}

/** `GRANT … ON … TO a, b`, `REVOKE … ON … FROM a`, `SET SESSION AUTHORIZATION a`, `RESET SESSION AUTHORIZATION`. */
export const rewritePrivilege: RewriteRoles = (sql, onRole) => {
  const reader = new StatementReader(sql, onRole);
  if (reader.takes('RESET', 'SESSION', 'AUTHORIZATION')) return whole(reader);
  if (reader.takes('SET', 'SESSION', 'AUTHORIZATION')) return reader.takeRole() ? whole(reader) : null;
  if (!reader.skipPast('ON')) return null;
  return finishPrivilege(reader);
};

/** `ALTER DEFAULT PRIVILEGES FOR ROLE a [IN SCHEMA s] GRANT … TO b`. */
export const rewriteDefaultPrivilege: RewriteRoles = (sql, onRole) => {
  const reader = new StatementReader(sql, onRole);
  if (!reader.takes('ALTER', 'DEFAULT', 'PRIVILEGES', 'FOR', 'ROLE') || !reader.takeRole()) return null;
  return reader.skipPast('ON') ? finishPrivilege(reader) : null;
};

/** `CREATE POLICY p ON t [AS …] [FOR …] [TO a, b] [USING (…)] [WITH CHECK (…)]`. */
export const rewritePolicy: RewriteRoles = (sql, onRole) => {
  const reader = new StatementReader(sql, onRole);
  const isPolicy = reader.takes('CREATE', 'POLICY') && reader.takeName() !== null && reader.takes('ON');
  if (!isPolicy || !takeQualifiedName(reader)) return null;
  for (const keyword of ['AS', 'FOR']) if (reader.takes(keyword) && reader.takeName() === null) return null;
  if (reader.takes('TO') && !reader.takeRoles()) return null;
  const isRest = reader.isAtEnd || ['USING', 'WITH'].some((keyword) => isKeyword(reader.next, keyword));
  return isRest ? reader.text : null;
};

/** `CREATE USER MAPPING FOR a SERVER s …`. */
export const rewriteUserMapping: RewriteRoles = (sql, onRole) => {
  const reader = new StatementReader(sql, onRole);
  if (!reader.takes('CREATE', 'USER', 'MAPPING', 'FOR') || !reader.takeRole()) return null;
  return reader.takes('SERVER') ? reader.text : null;
};

/** `ALTER ROLE a IN DATABASE d SET …`; settings of the database itself name no role but in `SET role`. */
export const rewriteSetting: RewriteRoles = (sql, onRole) => {
  const reader = new StatementReader(sql, onRole);
  if (!reader.takes('ALTER', 'ROLE')) return reader.takes('ALTER', 'DATABASE') ? reader.text : null;
  if (!reader.takeRole() || !reader.takes('IN', 'DATABASE')) return null;
  return reader.text;
};

function finishPrivilege(reader: StatementReader): string | null {
  // Names that are reserved words stand in quotes: a bare TO or FROM is the one that roles follow.
  if (!reader.skipPast('TO', 'FROM') || !reader.takeRoles()) return null;
  reader.takes('WITH', 'GRANT', 'OPTION');
  if (reader.takes('GRANTED', 'BY') && !reader.takeRole()) return null;
  if (!reader.takes('CASCADE')) reader.takes('RESTRICT');
  return whole(reader);
}

function whole(reader: StatementReader): string | null {
  return reader.isAtEnd ? reader.text : null;
}

function takeQualifiedName(reader: StatementReader): boolean {
  do {
    if (reader.takeName() === null) return false;
  } while (reader.takesSymbol('.'));
  return true;
}
