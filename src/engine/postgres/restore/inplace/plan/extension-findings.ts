/** What becomes of extensions that have to stay where they are. */

import type { Finding } from '../../../../../domain/finding.ts';
import type { ArchiveToc } from '../../../archive/toc.ts';
import type { Session } from '../../../connection/session.ts';
import type { ServerFacts } from '../../../server-facts.ts';
import { identifierOf, isBlank, isKeyword, readTokens } from '../../database/sql-lexer.ts';
import { blocking, note } from '../../plan/plan-findings.ts';
import type { PresentExtension } from '../present/present-extensions.ts';

/** Extensions of the backup that would have to be created, by a user to whom the server may not allow it. */
export async function refusableExtensions(
  session: Session,
  facts: ServerFacts,
  stay: readonly PresentExtension[],
  needed: readonly { readonly name: string }[],
): Promise<readonly Finding[]> {
  const staying = new Set(stay.map(({ name }) => name));
  const created = needed.map(({ name }) => name).filter((name) => !staying.has(name));
  if (facts.isSuperuser || created.length === 0) return [];
  const rows = await session.query<{ name: string }>(
    `select a.name::text as name from pg_available_extensions a
       join pg_available_extension_versions v on v.name = a.name and v.version = a.default_version
      where a.name = any ($1::text[]) and v.superuser and not v.trusted order by 1`,
    [created],
  );
  if (rows.length === 0) return [];
  return [
    {
      severity: 'warning',
      code: 'extension-may-be-refused',
      message: `user ${facts.user} may not be allowed to create ${rows.map(({ name }) => name).join(', ')}, which the backup needs`,
      hint: 'Create them as a superuser first; if it is refused during the restore, everything stays as it was.',
    },
  ];
}

export function extensionFindings(
  stay: readonly PresentExtension[],
  needed: readonly { readonly name: string }[],
  toc: ArchiveToc | null,
): readonly Finding[] {
  if (stay.length === 0) return [];
  const wanted = new Set(needed.map(({ name }) => name));
  const inBackup = stay.filter(({ name }) => wanted.has(name));
  const beyond = stay.filter(({ name }) => !wanted.has(name));
  return [
    ...(inBackup.length === 0 ? [] : [note('extensions-stay', `these extensions stay as they are: ${list(inBackup)}`)]),
    ...(beyond.length === 0 ? [] : [beyondFinding(beyond)]),
    ...inBackup.flatMap((extension) => misplaced(extension, toc)),
  ];
}

function beyondFinding(extensions: readonly PresentExtension[]): Finding {
  return {
    severity: 'warning',
    code: 'extensions-stay',
    message: `these extensions are not in the backup, but could not be created again if they were dropped: they stay: ${list(extensions)}`,
    hint: 'If they are not wanted, drop them as a superuser.',
  };
}

/** An extension that stays cannot be moved: what the backup holds refers to it in its schema. */
function misplaced({ name, schema }: PresentExtension, toc: ArchiveToc | null): readonly Finding[] {
  const definition = toc?.entries.find(({ desc, tag }) => desc === 'EXTENSION' && tag === name)?.definition;
  const there = definition === undefined ? null : schemaIn(definition);
  if (there === null || there === schema) return [];
  return [
    blocking(
      'extension-elsewhere',
      `the extension ${name} is in the schema ${schema}, in the backup it is in ${there}, and this user may not create it anew`,
      `As its owner: ALTER EXTENSION … SET SCHEMA, or restore as a superuser.`,
    ),
  ];
}

/** `CREATE EXTENSION IF NOT EXISTS hstore WITH SCHEMA public;` */
function schemaIn(definition: string): string | null {
  const tokens = readTokens(definition).filter((token) => !isBlank(token));
  const at = tokens.findIndex((token) => isKeyword(token, 'SCHEMA'));
  return at < 0 ? null : identifierOf(tokens[at + 1]);
}

function list(extensions: readonly PresentExtension[]): string {
  return extensions.map(({ name }) => name).join(', ');
}
