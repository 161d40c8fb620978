/** PostgreSQL as an `EngineModule`: the one thing of this folder that the program's assembly names. */

import type { EngineModule } from '../engine.ts';
import { isPostgresAddress, withDatabaseName } from './connection/connection-uri.ts';
import { extractFormats } from './artifact/extract-formats.ts';
import { foreignReader } from './foreign/foreign-reader.ts';
import { restoreInstructions } from './artifact/restore-instructions.ts';
import { openPostgres, postgresKind } from './postgres-engine.ts';
import type { PostgresParts } from './postgres-parts.ts';

export function postgresModule(parts: PostgresParts): EngineModule {
  return {
    kind: postgresKind,
    backupKind: 'dump',
    accepts: isPostgresAddress,
    open: (spec) => openPostgres(spec, parts),
    server: {
      list: async (spec, exclude, work) =>
        (await import('./whole-server/list-databases.ts')).listDatabases(spec, exclude, work),
      targetOf: (spec, database) => ({ ...spec, url: withDatabaseName(spec.url, database) }),
    },
    scratch: async (place, source, work) =>
      (await import('./scratch/scratch-copy.ts')).restoreToScratch(parts, place, source, work),
    checkArtifact: async (artifact, bytes, manifest, fingerprint, work) =>
      (await import('./artifact/check-artifact.ts')).checkArtifact(artifact, bytes, manifest, fingerprint, work),
    extractFormats,
    extract: async function* (format, source, work) {
      const { extract } = await import('./artifact/extract.ts');
      yield* extract(parts.environment, format, source, work);
    },
    restoreInstructions,
    restoreRoles: ['archive', 'sql'],
    foreign: foreignReader(parts),
    sweepLocal: async (work) => (await import('./scratch/sweep-local.ts')).sweepLocal(parts, work),
  };
}
