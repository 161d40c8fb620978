/** What the place of a restore lacks, found before anything is touched. */

import type { Finding } from '../../../../domain/finding.ts';
import { HoldfastError } from '../../../../domain/error.ts';
import type { Manifest } from '../../../../domain/manifest.ts';
import type { ClientTools } from '../../client-tools.ts';
import { errorCodeOf } from '../../connection/server-errors.ts';
import type { Session } from '../../connection/session.ts';
import { quoteIdentifier, quoteLiteral } from '../../quote.ts';
import type { ServerFacts } from '../../server-facts.ts';
import { describePrefix } from '../../via/via.ts';
import { optionOf } from '../database/database-statements.ts';

/** Which databases are created: a copy beside the present one, a model that only has definitions, none. */
export type Creates = 'copy' | 'model' | 'nothing';

export function serverFindings(facts: ServerFacts, manifest: Manifest, creates: Creates): readonly Finding[] {
  const findings: Finding[] = [];
  if (facts.major < manifest.origin.majorVersion) {
    findings.push(
      blocking(
        'server-older',
        `the backup is of PostgreSQL ${manifest.origin.version}, and the server is ${facts.version}`,
        'Restore to a server of the same or a newer major version.',
      ),
    );
  }
  if (facts.isStandby) {
    findings.push(
      blocking('target-is-standby', 'the server is a standby and cannot be written to', 'Name the primary.'),
    );
  }
  if (creates !== 'nothing' && !facts.canCreateDatabases) {
    const grant = `As superuser: ALTER ROLE ${quoteIdentifier(facts.user)} CREATEDB`;
    const inPlace = 'or add --in-place: everything is replaced in one transaction, after a safety backup';
    findings.push(
      blocking(
        'cannot-create-database',
        `user ${facts.user} may not create databases`,
        creates === 'copy' ? `${grant}; ${inPlace}.` : `${grant}.`,
      ),
    );
  }
  return findings;
}

export interface PlannedTools {
  /** They run where the server is, and cannot read a file of this machine. */
  readonly areThere: boolean;
  readonly findings: readonly Finding[];
}

/** Client tools that read what `writerMajor` wrote, as `find` looks for them. */
export async function planTools(writerMajor: number, find: () => Promise<ClientTools>): Promise<PlannedTools> {
  try {
    const { via } = await find();
    if (via === undefined) return { areThere: false, findings: [] };
    const where = describePrefix(via.prefix);
    const message = `no client tools here fit: those of ${where} restore, with one job, as the backup streams in`;
    return { areThere: true, findings: [note('tools-there', message)] };
  } catch (thrown) {
    if (!(thrown instanceof HoldfastError)) throw thrown;
    const message = `the backup was written by pg_dump ${String(writerMajor)}, and no client tools of that or a newer version are here`;
    return { areThere: false, findings: [blocking(thrown.code, message, thrown.hint)] };
  }
}

export interface Demands {
  readonly roles: readonly string[];
  readonly tablespaces: readonly string[];
  readonly extensions: readonly string[];
}

export async function needFindings(session: Session, demands: Demands): Promise<readonly Finding[]> {
  const [missing] = await session.query<Demands>(
    `select array(select unnest($1::text[]) except select rolname::text from pg_roles order by 1) as roles,
            array(select unnest($2::text[]) except select spcname::text from pg_tablespace order by 1) as tablespaces,
            array(select unnest($3::text[]) except select name::text from pg_available_extensions order by 1) as extensions`,
    [demands.roles, demands.tablespaces, demands.extensions],
  );
  if (missing === undefined) return [];
  const { roles, tablespaces, extensions } = missing;
  return [
    ...(roles.length === 0
      ? []
      : [
          blocking(
            'roles-missing',
            `the server has no role${roles.length === 1 ? '' : 's'} ${roles.join(', ')}`,
            'Create them (restore … --globals brings those of the backup), map them (--map-role old=new), or restore with --no-owner --no-acl.',
          ),
        ]),
    ...(tablespaces.length === 0
      ? []
      : [
          blocking(
            'tablespaces-missing',
            `the server has no tablespace${tablespaces.length === 1 ? '' : 's'} ${tablespaces.join(', ')}`,
            'Create them with CREATE TABLESPACE, or with those of the backup (restore … --globals).',
          ),
        ]),
    ...extensions.map((name) =>
      blocking(
        'extension-missing',
        `the extension ${name} is not installed on the server`,
        'Install the package that provides it on the server, then run it again.',
      ),
    ),
  ];
}

/** Owners the user cannot hand objects to. A superuser can to all. */
export async function ownerFindings(
  session: Session,
  facts: ServerFacts,
  owners: readonly string[],
): Promise<readonly Finding[]> {
  if (facts.isSuperuser) return [];
  const rows = await session.query<{ name: string }>(
    `select rolname::text as name from pg_roles where rolname = any($1) and not pg_has_role(oid, 'member') order by 1`,
    [owners],
  );
  if (rows.length === 0) return [];
  const names = rows.map(({ name }) => name).join(', ');
  return [
    blocking(
      'not-member-of-owner',
      `user ${facts.user} cannot give objects to their owners: it is not a member of ${names}`,
      `Restore as superuser, grant membership to ${quoteIdentifier(facts.user)}, or restore with --no-owner.`,
    ),
  ];
}

/** Only locales of the C library: whether one is installed, the server finds out when it is used. */
export async function localeFindings(session: Session, create: string): Promise<readonly Finding[]> {
  const provider = optionOf(create, 'LOCALE_PROVIDER') ?? 'libc';
  const locales = ['LOCALE', 'LC_COLLATE', 'LC_CTYPE'].map((option) => optionOf(create, option));
  if (provider !== 'libc') return [];
  for (const locale of new Set(locales)) {
    if (locale === null || ['C', 'POSIX'].includes(locale)) continue;
    const refusal = await tryLocale(session, locale);
    if (refusal !== null) return [refusal];
  }
  return [];
}

/** Swapping renames the present database: only its owner with CREATEDB may, or a superuser. */
export async function renameFindings(session: Session, facts: ServerFacts, name: string): Promise<readonly Finding[]> {
  if (facts.isSuperuser) return [];
  const [row] = await session.query<{ owner: string; member: boolean }>(
    `select pg_get_userbyid(datdba)::text as owner, pg_has_role(datdba, 'usage') as member
       from pg_database where datname = $1`,
    [name],
  );
  if (row === undefined || row.member) return [];
  return [
    blocking(
      'not-owner',
      `user ${facts.user} may not rename ${name}, which belongs to ${row.owner}`,
      `Restore as superuser or as ${row.owner}, or under another name with --into.`,
    ),
  ];
}

/** Of `--map-role`: a name that the backup does not have. */
export function mappedToNothing(role: string): Finding {
  return {
    severity: 'warning',
    code: 'role-not-in-backup',
    message: `no role of the backup is called ${role}, so that it is mapped to nothing`,
    hint: 'Names are case-sensitive.',
  };
}

export function blocking(code: string, message: string, hint: string): Finding {
  return { severity: 'blocking', code, message, hint };
}

export function note(code: string, message: string): Finding {
  return { severity: 'note', code, message, hint: '' };
}

async function tryLocale(session: Session, locale: string): Promise<Finding | null> {
  await session.query('begin');
  try {
    await session.query(`create collation pg_temp.holdfast_probe (provider = libc, locale = ${quoteLiteral(locale)})`);
    return null;
  } catch (thrown) {
    // undefined_object; anything else (no TEMPORARY privilege, another encoding) says nothing about the locale.
    if (errorCodeOf(thrown) !== '42704') return null;
    return blocking(
      'locale-missing',
      `the locale ${locale} is not installed on the server`,
      'Install it on the server (Debian: dpkg-reconfigure locales) and restart PostgreSQL.',
    );
  } finally {
    await session.query('rollback');
  }
}
