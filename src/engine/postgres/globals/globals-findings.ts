/** What stands in the way of a server's roles, settings and tablespaces, and what has to be said of them. */

import type { Finding } from '../../../domain/finding.ts';
import type { Manifest } from '../../../domain/manifest.ts';
import type { GlobalsRequest } from '../../engine.ts';
import type { Session } from '../connection/session.ts';
import { blocking, mappedToNothing, note, serverFindings } from '../restore/plan/plan-findings.ts';
import type { ServerFacts } from '../server-facts.ts';
import type { RoleDefinition, ServerGlobals } from './model.ts';
import type { StoredGlobals } from './read-globals.ts';
import type { PresentServer, WeighedItem } from './weigh-globals.ts';

export interface Weighed {
  readonly request: GlobalsRequest;
  readonly manifest: Manifest;
  readonly stored: StoredGlobals;
  readonly present: PresentServer;
  readonly arePasswordsKnown: boolean;
  readonly items: readonly WeighedItem[];
}

export async function globalsFindings(
  weighed: Weighed,
  session: Session,
  facts: ServerFacts,
): Promise<readonly Finding[]> {
  const { manifest, items, stored, present } = weighed;
  const created = items.filter(({ deed }) => deed === 'create');
  return [
    ...serverFindings(facts, manifest, 'nothing'),
    ...mappingFindings(weighed),
    ...rightFindings(created, stored.globals, facts),
    ...memberFindings(items, stored.globals, present),
    ...(await folderFindings(session, facts, created, stored.globals)),
    ...leftFindings(weighed),
    ...passwordNotes(weighed),
  ];
}

function mappingFindings({ request, stored, present }: Weighed): readonly Finding[] {
  const unknown = [...request.roles.keys()].filter((name) => !stored.roleNames.has(name));
  const merged = stored.globals.merged.filter((name) => !present.globals.roles.has(name));
  return [
    ...unknown.map(mappedToNothing),
    ...merged.map((name) =>
      blocking(
        'roles-become-one',
        `several roles of the backup would become ${name}, and it is not there yet: whose definition should it have?`,
        'Create that role by hand first, or map to different ones.',
      ),
    ),
  ];
}

const superuserFlags = ['SUPERUSER', 'REPLICATION', 'BYPASSRLS'];

function rightFindings(created: readonly WeighedItem[], wanted: ServerGlobals, facts: ServerFacts): readonly Finding[] {
  if (facts.isSuperuser || created.length === 0) return [];
  const findings: Finding[] = [];
  const roles = created.flatMap(({ kind, name }) => {
    const role = kind === 'role' ? wanted.roles.get(name) : undefined;
    return role === undefined ? [] : [role];
  });
  if (roles.length > 0 && !facts.canCreateRoles) {
    const grant = 'Restore as a superuser, or as a user with CREATEROLE.';
    findings.push(blocking('cannot-create-role', `user ${facts.user} may not create roles`, grant));
  }
  const mighty = roles.filter(isMighty).map(({ name }) => name);
  if (mighty.length > 0) {
    const message = `only a superuser can create ${mighty.join(', ')} (SUPERUSER, REPLICATION or BYPASSRLS)`;
    findings.push(blocking('superuser-needed', message, 'Restore as a superuser, or map them (--map-role old=new).'));
  }
  if (created.some(({ kind }) => kind === 'tablespace')) {
    const hint = 'Restore as a superuser, or leave tablespaces out (--no-tablespaces).';
    findings.push(blocking('superuser-needed', 'only a superuser can create tablespaces', hint));
  }
  return findings;
}

function isMighty({ flags }: RoleDefinition): boolean {
  return superuserFlags.some((flag) => flags.get(flag) === flag);
}

/** A membership in a role that neither the backup creates nor the server has. */
function memberFindings(
  items: readonly WeighedItem[],
  wanted: ServerGlobals,
  present: PresentServer,
): readonly Finding[] {
  const isThere = (name: string): boolean =>
    wanted.roles.has(name) || present.globals.roles.has(name) || name.startsWith('pg_');
  const missing = wanted.memberships.flatMap(({ role, member }) => [role, member]).filter((name) => !isThere(name));
  if (missing.length === 0 || !items.some(({ kind, deed }) => kind === 'membership' && deed === 'create')) return [];
  const names = [...new Set(missing)].join(', ');
  return [blocking('roles-missing', `memberships name roles that are nowhere: ${names}`, 'Create them by hand first.')];
}

/** The server's own eyes: the folder is on its machine. */
async function folderFindings(
  session: Session,
  facts: ServerFacts,
  created: readonly WeighedItem[],
  { tablespaces }: ServerGlobals,
): Promise<readonly Finding[]> {
  if (!facts.isSuperuser) return [];
  const findings: Finding[] = [];
  for (const { kind, name } of created) {
    const location = kind === 'tablespace' ? (tablespaces.get(name)?.location ?? "''") : "''";
    if (location === "''") continue;
    const [row] = await session.query<{ folder: boolean | null }>(
      `select (pg_stat_file(${location}, true)).isdir as folder`,
    );
    if (row?.folder === true) continue;
    findings.push(
      blocking(
        'tablespace-folder-missing',
        `the tablespace ${name} lies in ${location}, and the server has no such folder`,
        'Create it there, empty and owned by the server’s user, or leave tablespaces out (--no-tablespaces).',
      ),
    );
  }
  return findings;
}

/** What stays other than the backup says. Where nothing else was to be expected it is only said. */
function leftFindings({ items, request, present }: Weighed): readonly Finding[] {
  const mapped = new Set(request.roles.values());
  const left = items.filter(({ deed }) => deed === 'left');
  const isExpected = (item: WeighedItem): boolean => {
    const about = roleOf(item);
    return about !== null && (present.untouchable.has(about) || mapped.has(about));
  };
  const expected = left.filter(isExpected);
  const others = left.filter((item) => !isExpected(item));
  const list = (those: readonly WeighedItem[]): string =>
    those.map(({ kind, name, what }) => `${kind} ${name}${what === '' ? '' : ` (${what})`}`).join('; ');
  return [
    ...(expected.length === 0
      ? []
      : [note('globals-kept', `stay as they are, because they are this server's own: ${list(expected)}`)]),
    ...(others.length === 0
      ? []
      : [
          {
            severity: 'warning',
            code: 'globals-left',
            message: `exist here and are not what the backup says; they stay as they are: ${list(others)}`,
            hint: 'With --replace, roles are made what the backup says; tablespaces are never changed.',
          } satisfies Finding,
        ]),
  ];
}

/** Whose role decides whether the item may be changed. */
function roleOf({ kind, name }: WeighedItem): string | null {
  if (kind === 'role') return name;
  if (kind === 'setting') return name.slice(0, name.lastIndexOf(': '));
  return kind === 'membership' ? name.slice(name.lastIndexOf(' to ') + 4) : null;
}

function passwordNotes({ stored, arePasswordsKnown, items }: Weighed): readonly Finding[] {
  const isCreated = items.some(({ kind, deed }) => kind === 'role' && deed === 'create');
  if (!stored.hasPasswords && isCreated) {
    return [
      {
        severity: 'warning',
        code: 'globals-without-passwords',
        message: 'the backup holds no passwords: roles that are created can log in with none until one is set',
        hint: 'Set them with ALTER ROLE … PASSWORD, or take backups as a superuser.',
      },
    ];
  }
  if (arePasswordsKnown || !items.some(({ kind, state }) => kind === 'role' && state !== 'missing')) return [];
  return [
    note('passwords-not-compared', 'passwords of roles that exist were not compared: one side does not show them'),
  ];
}
