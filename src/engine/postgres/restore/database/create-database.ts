/** Creates the database a backup goes into, with everything that belongs to the database itself. */

import type { Finding } from '../../../../domain/finding.ts';
import { messageOf } from '../../../../domain/error.ts';
import type { ArchiveToc } from '../../archive/toc.ts';
import { withDatabase } from '../../connection/address.ts';
import { errorCodeOf } from '../../connection/server-errors.ts';
import { openSession, type Session } from '../../connection/session.ts';
import { quoteIdentifier } from '../../quote.ts';
import { localeOf, withPlainLocale, type DatabaseStatements } from './database-statements.ts';
import { restoreErrors } from '../errors.ts';

/** wrong_object_type, feature_not_supported, invalid_parameter_value, invalid_object_definition: what a locale meets. */
const localeRefusals = new Set(['42809', '0A000', '22023', '42P17']);

export interface CreateOptions {
  /** A locale that is not installed becomes `C`, with a finding, instead of an error. */
  readonly acceptPlainLocale: boolean;
}

/**
 * Runs one CREATE DATABASE, from a session that is connected to another database. `note` hears whether there is now
 * something to remove: true also when the statement was interrupted and may have been done all the same.
 */
export async function createDatabase(
  session: Session,
  statement: string,
  options: CreateOptions,
  note: (isCreated: boolean) => void,
): Promise<readonly Finding[]> {
  note(true);
  try {
    return await create(session, statement, options);
  } catch (thrown) {
    // The name was free a moment ago; whoever took it since owns that database.
    if (errorCodeOf(thrown) === '42P04') note(false);
    throw thrown;
  }
}

/** Runs the other statements about the database. */
export async function applyProperties(session: Session, statements: readonly string[]): Promise<void> {
  for (const statement of statements) {
    try {
      await session.query(statement);
    } catch (thrown) {
      throw failed(thrown);
    }
  }
}

/** A database that looks like nothing in particular, for a backup that does not say what its own looked like. */
export function plainStatements(name: string): DatabaseStatements {
  return {
    create: `CREATE DATABASE ${quoteIdentifier(name)} WITH TEMPLATE = template0`,
    properties: [],
    privileges: [],
    restrictions: [],
  };
}

/**
 * Schemas that entries of the archive need and it does not create: a dump of chosen tables has none of them (pg_dump
 * documentation, `--table`).
 */
export async function createMissingSchemas(
  session: Session,
  name: string,
  toc: ArchiveToc,
  signal: AbortSignal,
): Promise<void> {
  const created = new Set(toc.entries.filter(({ desc }) => desc === 'SCHEMA').map(({ tag }) => tag));
  const needed = new Set(toc.entries.map(({ namespace }) => namespace).filter((schema) => schema !== ''));
  const missing = [...needed].filter((schema) => !created.has(schema) && schema !== 'pg_catalog');
  if (missing.length === 0) return;
  await using inside = await openSession(withDatabase(session.address, name), { purpose: 'restore', signal });
  for (const schema of missing) await inside.query(`create schema if not exists ${quoteIdentifier(schema)}`);
}

async function create(session: Session, statement: string, options: CreateOptions): Promise<readonly Finding[]> {
  try {
    await session.query(statement);
    return [];
  } catch (thrown) {
    const code = errorCodeOf(thrown) ?? '';
    if (code === '42501') {
      throw restoreErrors.make('create-refused', `cannot create the database: ${messageOf(thrown)}`, { cause: thrown });
    }
    if (!localeRefusals.has(code)) throw failed(thrown);
    const locale = localeOf(statement) ?? 'asked for';
    if (!options.acceptPlainLocale) {
      throw restoreErrors.make('locale-missing', `cannot create the database: ${messageOf(thrown)}`, { cause: thrown });
    }
    await session.query(withPlainLocale(statement)).catch((again: unknown) => {
      throw failed(again);
    });
    return [plainLocaleFinding(locale)];
  }
}

function failed(thrown: unknown): Error {
  return restoreErrors.make(
    'restore-failed',
    `a property of the database could not be restored: ${messageOf(thrown)}`,
    {
      cause: thrown,
    },
  );
}

function plainLocaleFinding(locale: string): Finding {
  return {
    severity: 'note',
    code: 'scratch-locale',
    message: `the locale ${locale} is not installed here; the scratch database sorts text by bytes instead`,
    hint: `Install the locale ${locale} on this machine to drill with the source's own sort order.`,
  };
}
