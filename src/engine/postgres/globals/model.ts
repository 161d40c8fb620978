/** The statements of a script, gathered by what they are about, with mapped roles under their new names. */

import { mappedRole, type RoleMap } from '../../../domain/role-map.ts';
import { rewritePrivilege } from './role-places.ts';
import type { GlobalStatement, Membership, Privilege, RoleAttributes } from './statements.ts';

export interface RoleDefinition extends RoleAttributes {
  readonly name: string;
  /** A literal in SQL. */
  readonly comment: string | null;
  /** Provider and text, as SQL. */
  readonly labels: ReadonlyMap<string, string>;
  /** By parameter: what stands behind TO. */
  readonly settings: ReadonlyMap<string, string>;
}

export interface TablespaceDefinition {
  readonly name: string;
  readonly owner: string;
  /** A literal in SQL. */
  readonly location: string;
  readonly details: readonly string[];
  readonly privileges: readonly Privilege[];
}

export interface ServerGlobals {
  readonly roles: ReadonlyMap<string, RoleDefinition>;
  readonly memberships: readonly Membership[];
  readonly tablespaces: ReadonlyMap<string, TablespaceDefinition>;
  readonly parameters: readonly (Privilege & { readonly parameter: string })[];
  /** Roles that several roles of the script are mapped to. */
  readonly merged: readonly string[];
}

type Changing<T> = { -readonly [Key in keyof T]: T[Key] };
type ChangingRole = Changing<RoleDefinition> & { labels: Map<string, string>; settings: Map<string, string> };
type ChangingTablespace = Changing<TablespaceDefinition> & { details: string[]; privileges: Privilege[] };

/**
 * `areGrantorsKept`: from PostgreSQL 16 on a grantor means something; before, it was only remembered. One that does not hold
 * the right itself was the superuser that initdb made, which every server has under a name of its own: null.
 */
export function gatherGlobals(
  statements: readonly GlobalStatement[],
  map: RoleMap,
  areGrantorsKept: boolean,
): ServerGlobals {
  const gathered = new Gathering(map);
  for (const statement of statements) gathered.take(statement);
  const { roles, memberships, tablespaces, parameters, origins } = gathered;
  return {
    roles,
    memberships: withoutGrantors(memberships, areGrantorsKept),
    tablespaces,
    parameters,
    merged: [...origins].filter(([, names]) => names.size > 1).map(([name]) => name),
  };
}

class Gathering {
  readonly roles = new Map<string, ChangingRole>();
  /** The names, before they were mapped, of each role. */
  readonly origins = new Map<string, Set<string>>();
  readonly tablespaces = new Map<string, ChangingTablespace>();
  readonly memberships: Membership[] = [];
  readonly parameters: (Privilege & { readonly parameter: string })[] = [];
  readonly #map: RoleMap;

  constructor(map: RoleMap) {
    this.#map = map;
  }

  take(one: GlobalStatement): void {
    switch (one.kind) {
      case 'create-role':
        this.#role(one.role);
        return;
      case 'role-attributes': {
        const { flags, connectionLimit, password, validUntil } = one;
        Object.assign(this.#role(one.role), { flags, connectionLimit, password, validUntil });
        return;
      }
      case 'role-comment':
        this.#role(one.role).comment = one.text;
        return;
      case 'role-label':
        this.#role(one.role).labels.set(one.provider, one.text);
        return;
      case 'role-setting':
        this.#role(one.role).settings.set(one.parameter, settingValue(one, this.#map));
        return;
      case 'membership':
        this.memberships.push(mapMembership(one, this.#map));
        return;
      case 'create-tablespace': {
        const owner = mappedRole(this.#map, one.owner);
        const { tablespace: name, location } = one;
        this.tablespaces.set(name, { name, location, owner, details: [], privileges: [] });
        return;
      }
      case 'tablespace-detail':
        this.tablespaces.get(one.tablespace)?.details.push(one.sql);
        return;
      case 'tablespace-privilege':
        this.tablespaces.get(one.tablespace)?.privileges.push(mapPrivilege(one, this.#map));
        return;
      case 'parameter-privilege':
        this.parameters.push({ parameter: one.parameter, ...mapPrivilege(one, this.#map) });
    }
  }

  #role(name: string): ChangingRole {
    const mapped = mappedRole(this.#map, name);
    const found = this.roles.get(mapped) ?? emptyRole(mapped);
    this.roles.set(mapped, found);
    this.origins.set(mapped, (this.origins.get(mapped) ?? new Set()).add(name));
    return found;
  }
}

function emptyRole(name: string): ChangingRole {
  return {
    name,
    flags: new Map(),
    connectionLimit: null,
    password: null,
    validUntil: null,
    comment: null,
    labels: new Map(),
    settings: new Map(),
  };
}

/** `SET role` names a role in its value. */
function settingValue(
  { parameter, value }: { readonly parameter: string; readonly value: string },
  map: RoleMap,
): string {
  const name = /^'((?:[^'\\]|'')*)'$/.exec(value)?.[1];
  if (parameter.toLowerCase() !== 'role' || name === undefined) return value;
  return `'${mappedRole(map, name.replaceAll("''", "'")).replaceAll("'", "''")}'`;
}

function mapMembership(one: Membership, map: RoleMap): Membership {
  const { admin, inherit, set, grantor } = one;
  return {
    role: mappedRole(map, one.role),
    member: mappedRole(map, one.member),
    admin,
    inherit,
    set,
    grantor: grantor === null ? null : mappedRole(map, grantor),
  };
}

function mapPrivilege({ sql, grantees, grantor }: Privilege, map: RoleMap): Privilege {
  return {
    // The parser has read it the same way.
    sql: rewritePrivilege(sql, (name) => mappedRole(map, name)) ?? sql,
    grantees: grantees.map((name) => mappedRole(map, name)),
    grantor: grantor === null ? null : mappedRole(map, grantor),
  };
}

function withoutGrantors(memberships: readonly Membership[], areKept: boolean): readonly Membership[] {
  const admins = new Set(memberships.filter(({ admin }) => admin).map(({ role, member }) => pairKey(role, member)));
  const said = memberships.map((one) => {
    const holdsRight = areKept && one.grantor !== null && admins.has(pairKey(one.role, one.grantor));
    return holdsRight ? one : { ...one, grantor: null };
  });
  return [...new Map(said.map((one) => [JSON.stringify(one), one])).values()];
}

function pairKey(role: string, member: string): string {
  return JSON.stringify([role, member]);
}
