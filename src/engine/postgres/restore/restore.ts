/**
 * Restores a backup into a new database beside everything that exists. Nothing that was there before is touched: what
 * fails removes its own database and no other.
 */

import { availableParallelism } from 'node:os';
import type { ArtifactRecord, BackupSource } from '../../../domain/artifact.ts';
import type { Finding } from '../../../domain/finding.ts';
import type { Work } from '../../../domain/work.ts';
import type { RestoredCopy } from '../../engine.ts';
import type { ArchiveToc } from '../archive/toc.ts';
import { findClientTools } from '../client-tools.ts';
import { withDatabase } from '../connection/address.ts';
import type { Session } from '../connection/session.ts';
import { readServerFacts, type ServerFacts } from '../server-facts.ts';
import { archiveWriterMajor } from './archive-writer.ts';
import type { RestoreContext } from './context.ts';
import { createDatabase, createMissingSchemas, grantDatabasePrivileges, plainStatements } from './create-database.ts';
import { databaseStatements, type DatabaseStatements } from './database-statements.ts';
import { restoreErrors } from './errors.ts';
import { loadArchive } from './load-archive.ts';
import { livingStatements } from './living-database.ts';
import { dropDatabase, markInUse, openMaintenance } from './maintenance.ts';
import { loadScript, type LoadTarget } from './pg-restore.ts';
import { withoutUnknownSetting } from './plain-sql.ts';
import { watchGrowth } from './watch-growth.ts';

export interface CopyRequest {
  readonly source: BackupSource;
  /** The new database's name: free. */
  readonly name: string;
  readonly owners: boolean;
  readonly privileges: boolean;
  /** Null: as many as help on this machine. */
  readonly jobs: number | null;
  /** See `CreateOptions`. */
  readonly acceptPlainLocale: boolean;
  /** The database whose own properties are taken over when the backup has none of them (a backup that is only SQL). */
  readonly likeDatabase: string | null;
}

export interface FilledDatabase {
  readonly restoreMs: number;
  readonly findings: readonly Finding[];
  readonly facts: ServerFacts;
  /** Still to be run when the database is put in place. */
  readonly restrictions: readonly string[];
  /** Holds the mark that the database is in use by a living run. */
  readonly guard: Session;
}

/** The caller disposes the guard, and removes the database when it is not to stay. Throws with nothing left behind. */
export async function fillDatabase(context: RestoreContext, request: CopyRequest, work: Work): Promise<FilledDatabase> {
  const artifact = chooseArtifact(request.source);
  const guard = await openMaintenance(context.address, [request.name, ...avoid(context, request)], work.signal);
  const state = { created: false };
  try {
    await markInUse(guard, request.name);
    const facts = await readServerFacts(guard);
    const started = context.clock.monotonicMs();
    const filling = new Filling(context, request, artifact, guard, facts, () => {
      state.created = true;
    });
    const { findings, restrictions } = await filling.run(work);
    return { restoreMs: context.clock.monotonicMs() - started, findings, facts, restrictions, guard };
  } catch (thrown) {
    await guard[Symbol.asyncDispose]();
    if (state.created) await dropDatabase(context.address, request.name);
    throw thrown;
  }
}
