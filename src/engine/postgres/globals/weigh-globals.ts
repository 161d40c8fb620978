/**
 * What of a backup's roles, settings and tablespaces the server has, what it lacks, and the statements that would bring it. Pure:
 * what was read on both sides goes in. A role that exists is never changed unless that was asked for; the superuser that
 * initdb made, and whoever restores, never are.
 */

import type { GlobalItem } from '../../engine.ts';
import { quoteIdentifier } from '../quote.ts';
import { compareRole, roleOptions } from './compare-role.ts';
import type { RoleDefinition, ServerGlobals, TablespaceDefinition } from './model.ts';
import type { Membership, Privilege } from './statements.ts';

export interface PresentServer {
  readonly globals: ServerGlobals;
  readonly major: number;
  /** The one initdb made, and the user of this session. */
  readonly untouchable: ReadonlySet<string>;
}

export interface Weighing {
  readonly wanted: ServerGlobals;
  readonly present: PresentServer;
  readonly arePasswordsKnown: boolean;
  readonly replace: boolean;
  readonly withTablespaces: boolean;
}

/** An item with what would be run for it, in order. The statements may hold a password. */
export interface WeighedItem extends GlobalItem {
  readonly statements: readonly string[];
}

/** In the order in which they can be run. */
export function weighGlobals(weighing: Weighing): readonly WeighedItem[] {
  const { wanted, withTablespaces } = weighing;
  const roles = [...wanted.roles.values()];
  return [
    ...roles.map((role) => weighRole(role, weighing)),
    ...roles.flatMap((role) => weighSettings(role, weighing)),
    ...wanted.memberships.map((one) => weighMembership(one, weighing)),
    ...wanted.parameters.map((one) => weighParameter(one, weighing)),
    ...(withTablespaces ? [...wanted.tablespaces.values()].map((one) => weighTablespace(one, weighing)) : []),
  ];
}

/** May this role be changed: because it is made now, or because that was asked for? */
function mayChange(name: string, { present, replace }: Weighing): boolean {
  return !present.globals.roles.has(name) || (replace && !present.untouchable.has(name));
}

function deedOf(state: GlobalItem['state'], may: boolean): GlobalItem['deed'] {
  if (state === 'same') return 'none';
  if (!may) return 'left';
  return state === 'missing' ? 'create' : 'change';
}

function weighRole(role: RoleDefinition, weighing: Weighing): WeighedItem {
  const { name } = role;
  const present = weighing.present.globals.roles.get(name);
  const quoted = quoteIdentifier(name);
  if (present === undefined) {
    const options = roleOptions(role);
    const create = `CREATE ROLE ${quoted}${options === '' ? '' : ` WITH ${options}`}`;
    const statements = [create, ...remarksOf(role)];
    return { kind: 'role', name, state: 'missing', deed: 'create', what: '', statements };
  }
  const { differences, alter } = compareRole(role, present, weighing.arePasswordsKnown);
  const state = differences.length === 0 ? 'same' : 'different';
  const deed = deedOf(state, mayChange(name, weighing));
  const altering = alter === '' ? [] : [`ALTER ROLE ${quoted} WITH ${alter}`];
  const statements = deed === 'change' ? [...altering, ...remarksOf(role)] : [];
  return { kind: 'role', name, state, deed, what: differences.join(', '), statements };
}

function remarksOf({ name, comment, labels }: RoleDefinition): readonly string[] {
  const quoted = quoteIdentifier(name);
  return [
    ...(comment === null ? [] : [`COMMENT ON ROLE ${quoted} IS ${comment}`]),
    ...[...labels].map(([provider, text]) => `SECURITY LABEL FOR ${provider} ON ROLE ${quoted} IS ${text}`),
  ];
}

function weighSettings(role: RoleDefinition, weighing: Weighing): readonly WeighedItem[] {
  const present = weighing.present.globals.roles.get(role.name)?.settings ?? new Map<string, string>();
  const quoted = quoteIdentifier(role.name);
  const may = mayChange(role.name, weighing);
  const wanted = [...role.settings].map(([parameter, value]): WeighedItem => {
    const is = present.get(parameter);
    const state = is === undefined ? 'missing' : is === value ? 'same' : 'different';
    const deed = deedOf(state, may);
    const isDone = deed === 'create' || deed === 'change';
    return {
      kind: 'setting',
      name: `${role.name}: ${parameter}`,
      state,
      deed,
      // Some applications keep keys in settings of their own: no value is said.
      what: state === 'different' ? 'another value' : '',
      statements: isDone ? [`ALTER ROLE ${quoted} SET ${parameter} TO ${value}`] : [],
    };
  });
  const others = [...present.keys()].filter((parameter) => !role.settings.has(parameter));
  const surplus = others.map(
    (parameter): WeighedItem => ({
      kind: 'setting',
      name: `${role.name}: ${parameter}`,
      state: 'different',
      deed: deedOf('different', may),
      what: 'only the server has it',
      statements: may ? [`ALTER ROLE ${quoted} RESET ${parameter}`] : [],
    }),
  );
  return [...wanted, ...surplus];
}

function weighMembership(one: Membership, weighing: Weighing): WeighedItem {
  const { globals, major } = weighing.present;
  const those = globals.memberships.filter(({ role, member }) => role === one.role && member === one.member);
  const isThere = those.some(
    (is) =>
      is.admin === one.admin &&
      (is.inherit === null || one.inherit === null || is.inherit === one.inherit) &&
      is.set === one.set &&
      (one.grantor === null || is.grantor === one.grantor),
  );
  const state = isThere ? 'same' : those.length > 0 ? 'different' : 'missing';
  const deed = deedOf(state, mayChange(one.member, weighing));
  const isDone = deed === 'create' || deed === 'change';
  return {
    kind: 'membership',
    name: `${one.role} to ${one.member}`,
    state,
    deed,
    what: state === 'different' ? optionsText(one) : '',
    statements: isDone ? membershipSql(one, major) : [],
  };
}

function optionsText({ admin, inherit, set, grantor }: Membership): string {
  const words = [
    ...(admin ? ['ADMIN'] : []),
    ...(inherit === false ? ['INHERIT FALSE'] : []),
    ...(set ? [] : ['SET FALSE']),
    ...(grantor === null ? [] : [`granted by ${grantor}`]),
  ];
  return words.length === 0 ? 'without options' : words.join(', ');
}

/**
 * Options of memberships, and grantors that mean something, are there from PostgreSQL 16 on. All are said: GRANT without an
 * option leaves what an existing membership has.
 */
function membershipSql({ role, member, admin, inherit, set, grantor }: Membership, major: number): readonly string[] {
  const [of, to] = [quoteIdentifier(role), quoteIdentifier(member)];
  if (major < 16) {
    if (admin) return [`GRANT ${of} TO ${to} WITH ADMIN OPTION`];
    return [`GRANT ${of} TO ${to}`, `REVOKE ADMIN OPTION FOR ${of} FROM ${to}`];
  }
  const written = (value: boolean): string => (value ? 'TRUE' : 'FALSE');
  const options = [
    `ADMIN ${written(admin)}`,
    ...(inherit === null ? [] : [`INHERIT ${written(inherit)}`]),
    `SET ${written(set)}`,
  ].join(', ');
  const by = grantor === null ? '' : ` GRANTED BY ${quoteIdentifier(grantor)}`;
  return [`GRANT ${of} TO ${to} WITH ${options}${by}`];
}

function weighParameter(one: Privilege & { readonly parameter: string }, weighing: Weighing): WeighedItem {
  const isThere = weighing.present.globals.parameters.some(({ sql }) => sql === one.sql);
  const state = isThere ? 'same' : 'missing';
  const deed = deedOf(
    state,
    one.grantees.every((name) => mayChange(name, weighing)),
  );
  const statements = deed === 'create' ? privilegeSql(one) : [];
  return {
    kind: 'privilege',
    name: `${one.parameter} for ${one.grantees.join(', ')}`,
    state,
    deed,
    what: '',
    statements,
  };
}

function privilegeSql({ sql, grantor }: Privilege): readonly string[] {
  if (grantor === null) return [sql];
  return [`SET SESSION AUTHORIZATION ${quoteIdentifier(grantor)}`, sql, 'RESET SESSION AUTHORIZATION'];
}

/** One that exists is never changed: its files lie where they lie. */
function weighTablespace(one: TablespaceDefinition, { present }: Weighing): WeighedItem {
  const { name, owner, location } = one;
  const is = present.globals.tablespaces.get(name);
  const create = `CREATE TABLESPACE ${quoteIdentifier(name)} OWNER ${quoteIdentifier(owner)} LOCATION ${location}`;
  const statements = [create, ...one.details, ...one.privileges.flatMap(privilegeSql)];
  if (is === undefined) return { kind: 'tablespace', name, state: 'missing', deed: 'create', what: '', statements };
  const differences = [
    ...(is.owner === owner ? [] : [`owner ${is.owner} instead of ${owner}`]),
    ...(is.location === location ? [] : [`location ${is.location} instead of ${location}`]),
    ...(isSameList(is.details, one.details) ? [] : ['options']),
    ...(isSameList(
      is.privileges.map(({ sql }) => sql),
      one.privileges.map(({ sql }) => sql),
    )
      ? []
      : ['privileges']),
  ];
  const state = differences.length === 0 ? 'same' : 'different';
  const deed = state === 'same' ? 'none' : 'left';
  return { kind: 'tablespace', name, state, deed, what: differences.join(', '), statements: [] };
}

function isSameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((text, index) => text === other[index]);
}
