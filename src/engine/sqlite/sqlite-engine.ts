/** One SQLite database file, open for work. */

import type { Clock } from '../../domain/clock.ts';
import type { Engine, TargetSpec } from '../engine.ts';
import { backupImage } from './image/backup-image.ts';
import { sqliteErrors } from './errors.ts';
import { inspectDatabase } from './inspect-database.ts';
import { dropKept, listKept, listLeftovers, undoRestore } from './restore/kept-files.ts';
import { planRestore } from './restore/plan-restore.ts';
import { restoreBeside } from './restore/restore-image.ts';
import { planTables, restoreTables } from './tables/restore-tables.ts';
import { locateDatabase } from './target/database-file.ts';

export interface SqliteParts {
  readonly clock: Clock;
  /** A few letters and digits, different every time. */
  readonly random: () => string;
}

export function openSqliteEngine(spec: TargetSpec, parts: SqliteParts): Engine {
  if (spec.via !== undefined) {
    throw sqliteErrors.make(
      'sqlite-elsewhere',
      `the SQLite file of ${spec.origin} is not reached through ${spec.via[0] ?? ''}`,
    );
  }
  const file = locateDatabase(spec);
  return {
    kind: 'sqlite',
    target: { label: file.path, origin: spec.origin, databaseName: file.name, identity: `sqlite:${file.path}` },
    inspect: (purpose, work) => inspectDatabase(file, purpose, work),
    backup: (request, sink, work) => backupImage(file, request, sink, work),
    assess: async (work) => (await import('./damage/assess.ts')).assessDamage(file, parts.clock, work),
    salvage: async (request, sink, work) =>
      (await import('./damage/salvage.ts')).salvageDatabase(file, request, sink, work),
    planRestore: (request, source) => planRestore(file, request, source, parts.clock),
    restore: (plan, source, work) => restoreBeside(plan, source, parts, work),
    planTables: (request, source, work) => planTables(file, request, source, work),
    restoreTables: (request, source, work) => restoreTables(file, request, source, parts.clock, work),
    kept: () => Promise.resolve(listKept(file)),
    undo: (work) => undoRestore(file, parts.clock, work),
    dropKept: (name) => dropKept(file, name),
    leftovers: () => listLeftovers(file),
  };
}
