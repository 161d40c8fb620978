/** SQLite as a kind of database that can be protected: consistent images of files, restored by an exchange of names. */

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BackupSource } from '../../domain/artifact.ts';
import type { Finding } from '../../domain/finding.ts';
import type { Work } from '../../domain/work.ts';
import { findAbandonedDirectories } from '../../system/temporary-directory.ts';
import type { EngineModule, ExtractFormat } from '../engine.ts';
import { checkImage } from './check-image.ts';
import { imageArtifact, writeImage } from './image/image-file.ts';
import { sqliteForeign } from './foreign/foreign-reader.ts';
import { makeWorkingFolder, workingPurpose } from './image/working-folder.ts';
import { streamJob } from './job/run-job.ts';
import { restoreInstructions } from './restore-instructions.ts';
import { restoreToScratch } from './restore/restore-image.ts';
import { openSqliteEngine, type SqliteParts } from './sqlite-engine.ts';
import { isSqliteUrl } from './target/database-url.ts';

const formats: readonly ExtractFormat[] = [
  { name: 'db', gzip: false },
  { name: 'db.gz', gzip: true },
  { name: 'sql', gzip: false },
  { name: 'sql.gz', gzip: true },
];

export function sqliteModule(parts: SqliteParts): EngineModule {
  return {
    kind: 'sqlite',
    backupKind: 'image',
    accepts: isSqliteUrl,
    open: (target) => openSqliteEngine(target, parts),
    scratch: (place, source, work) => restoreToScratch(place, source, parts, work),
    checkArtifact: (artifact, bytes, _manifest, _fingerprint, work) => checkImage(artifact, bytes, work),
    extractFormats: () => formats,
    extract: (format, source, work) =>
      format.name.startsWith('sql') ? extractSql(source, work) : source.open(imageArtifact(source), work),
    restoreInstructions,
    restoreRoles: ['image'],
    foreign: sqliteForeign,
    sweepLocal,
  };
}

async function* extractSql(source: BackupSource, work: Work): AsyncGenerator<Uint8Array> {
  await using folder = await makeWorkingFolder(imageArtifact(source).plainBytes, null);
  const path = join(folder.path, 'image.db');
  await writeImage(source, path, work);
  for await (const text of streamJob('dump', { path, isPrivate: true }, work)) yield Buffer.from(text);
}

async function sweepLocal(): Promise<readonly Finding[]> {
  const abandoned = await findAbandonedDirectories(workingPurpose);
  for (const path of abandoned) await rm(path, { recursive: true, force: true });
  return abandoned.map((path) => ({
    severity: 'note',
    code: 'sqlite-swept',
    message: `removed ${path}, which an interrupted run left`,
    hint: '',
  }));
}
