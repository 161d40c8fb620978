/** What a script of `pg_dumpall --globals-only` can say, statement by statement, with every role at its place. */

export type GlobalStatement =
  | { readonly kind: 'create-role'; readonly role: string }
  | ({ readonly kind: 'role-attributes'; readonly role: string } & RoleAttributes)
  | { readonly kind: 'role-comment'; readonly role: string; readonly text: string }
  | { readonly kind: 'role-label'; readonly role: string; readonly provider: string; readonly text: string }
  /** `value` is SQL as it stands behind TO: `'a', 'b'`. */
  | { readonly kind: 'role-setting'; readonly role: string; readonly parameter: string; readonly value: string }
  | ({ readonly kind: 'membership' } & Membership)
  | {
      readonly kind: 'create-tablespace';
      readonly tablespace: string;
      readonly owner: string;
      readonly location: string;
    }
  /** `sql` is the whole statement. */
  | { readonly kind: 'tablespace-detail'; readonly tablespace: string; readonly sql: string }
  | ({ readonly kind: 'tablespace-privilege'; readonly tablespace: string } & Privilege)
  | ({ readonly kind: 'parameter-privilege'; readonly parameter: string } & Privilege);

export interface RoleAttributes {
  /** `SUPERUSER` → `NOSUPERUSER`: the word as it was written, by its positive form. */
  readonly flags: ReadonlyMap<string, string>;
  /** Decimal text; null: not said. */
  readonly connectionLimit: string | null;
  /** A literal in SQL. A secret: never said. */
  readonly password: string | null;
  /** A literal in SQL. */
  readonly validUntil: string | null;
}

export interface Membership {
  readonly role: string;
  readonly member: string;
  readonly admin: boolean;
  /** Null: not said (before PostgreSQL 16 it is a matter of the member). */
  readonly inherit: boolean | null;
  readonly set: boolean;
  readonly grantor: string | null;
}

export interface Privilege {
  /** GRANT or REVOKE, whole. */
  readonly sql: string;
  readonly grantees: readonly string[];
  /** Whose session has to say it; null: that of the owner. */
  readonly grantor: string | null;
}
