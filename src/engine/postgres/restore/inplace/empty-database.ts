/** Takes away what a database holds, in the transaction that will fill it again. What cannot go is said, and why. */

import type { Finding } from '../../../../domain/finding.ts';
import type { Session } from '../../connection/session.ts';
import { quoteIdentifier } from '../../quote.ts';
import type { ServerFacts } from '../../server-facts.ts';
import { restoreErrors } from '../errors.ts';
import {
  configurationTables,
  keptSchemas,
  readExtensions,
  type ConfigurationTable,
  type PresentExtension,
} from './present/present-extensions.ts';
import { presentObjects, resetDefaultPrivileges } from './present/present-objects.ts';
import { resetPublicSchema } from './present/public-schema.ts';
import { runStatements, type ScriptOptions } from './script/run-script.ts';
import { attempt } from './transaction/attempt.ts';

/** A difference to the backup that was to be expected: the kind and name a fingerprint gives the object. */
export interface Announced {
  readonly kind: string;
  readonly name: string;
}

export interface EmptiedDatabase extends Omit<ScriptOptions, 'serverMajor'> {
  readonly findings: readonly Finding[];
  readonly announced: readonly Announced[];
}

/** Throws `not-owner-of-objects` and what the server says; the caller rolls back. */
export async function emptyDatabase(session: Session, facts: ServerFacts): Promise<EmptiedDatabase> {
  const { stay, go } = await readExtensions(session, facts);
  const schemas = await keptSchemas(session, stay);
  const objects = await presentObjects(session, schemas);
  const foreign = objects.find(({ mayDrop }) => !mayDrop);
  if (foreign !== undefined) {
    throw restoreErrors.make('not-owner-of-objects', `${foreign.name} belongs to ${foreign.owner ?? 'somebody else'}`);
  }
  const privileges = await resetDefaultPrivileges(session, schemas);
  await runStatements(session, [
    ...objects.map(({ drop }) => drop),
    ...go.map(({ name }) => `DROP EXTENSION IF EXISTS ${quoteIdentifier(name)} CASCADE`),
    ...privileges,
    'SELECT lo_unlink(oid) FROM pg_largeobject_metadata',
  ]);
  const configuration = await clearConfiguration(session, stay);
  const refusal = await attempt(session, await resetPublicSchema(session, facts.major));
  return {
    keptSchemas: new Set(schemas),
    foreignExtensions: new Set(stay.filter(({ isOurs }) => !isOurs).map(({ name }) => name)),
    unwritable: new Set(
      configuration.filter(({ isWritable }) => !isWritable).map(({ schema, table }) => JSON.stringify([schema, table])),
    ),
    findings: refusal === null ? [] : [publicSchemaKept(refusal)],
    announced: [
      ...stay.flatMap(({ name }) => announcedExtension(written(name))),
      ...schemas.flatMap((name) => announcedSchema(written(name), refusal !== null)),
    ],
  };
}

async function clearConfiguration(
  session: Session,
  stay: readonly PresentExtension[],
): Promise<readonly ConfigurationTable[]> {
  const tables = await configurationTables(session, stay);
  for (const { clear, isWritable } of tables) if (isWritable) await session.query(clear);
  return tables;
}

/** Of an extension that stays the backup may know nothing, or another comment. */
function announcedExtension(name: string): readonly Announced[] {
  return [
    { kind: 'extension', name },
    { kind: 'comment', name: `extension ${name}` },
  ];
}

/** The backup may not have the schema of such an extension; public it has, and only what was refused may differ. */
function announcedSchema(name: string, publicWasRefused: boolean): readonly Announced[] {
  if (name === 'public' && !publicWasRefused) return [];
  const noted = ['owner', 'acl'].map((kind) => ({ kind, name: `schema ${name}` }));
  return name === 'public' ? noted : [{ kind: 'schema', name }, ...noted];
}

/** As fingerprints write names. */
function written(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : quoteIdentifier(name);
}

function publicSchemaKept(refusal: string): Finding {
  return {
    severity: 'warning',
    code: 'public-schema-kept',
    message: `owner and privileges of the schema public stayed as they were: ${refusal}`,
    hint: 'As a superuser: compare them with the backup (holdfast extract), and set them.',
  };
}
