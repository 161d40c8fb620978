/** `backup --salvage` for a SQLite file: a new database with every row that reads, and a list of what does not. */

import { join } from 'node:path';
import type { ArtifactSink } from '../../../domain/artifact.ts';
import type { SalvageRecord } from '../../../domain/damage.ts';
import type { Work } from '../../../domain/work.ts';
import type { SalvageOutcome, SalvageRequest } from '../../engine.ts';
import { requireWholeImage, streamImage } from '../image/image-file.ts';
import { runJob } from '../job/run-job.ts';
import type { DatabaseFile } from '../target/database-file.ts';
import { copyAside } from './private-copy.ts';

export async function salvageDatabase(
  file: DatabaseFile,
  request: SalvageRequest,
  sink: ArtifactSink,
  work: Work,
): Promise<SalvageOutcome> {
  await using copy = await copyAside(file, 2, work);
  const image = join(copy.folder, 'salvaged.db');
  const read = await runJob('damage', { path: copy.path, output: image }, work);
  await requireWholeImage(image);
  work.report({ kind: 'step', text: 'reading what was saved for its fingerprint' });
  const quiet: Work = { signal: work.signal, report: () => undefined };
  const made = { path: image, isPrivate: true, mode: 'content', expected: null } as const;
  const { fingerprint, findings } = await runJob('fingerprint', made, quiet);
  const name = `${request.stem}.db.zst`;
  const compression = { kind: 'zstd', level: request.zstdLevel } as const;
  work.report({ kind: 'step', text: `storing ${name}` });
  await sink.write({ name, role: 'image', compression }, streamImage(image, work), work);
  const { tables, failures, sqliteVersion } = read;
  const salvage: SalvageRecord = { definitions: 'the schema table', tables, failures };
  return {
    kind: 'image',
    origin: {
      product: 'SQLite',
      version: sqliteVersion,
      majorVersion: 3,
      databaseName: file.name,
      address: file.path,
      sizeBytes: copy.sizeBytes,
      tool: `SQLite ${sqliteVersion}, page by page`,
    },
    needs: { roles: [], tablespaces: [], extensions: [] },
    salvage,
    fingerprint: {
      ...fingerprint,
      basis: 'rows counted and hashed in what was saved from a damaged database',
      salvage,
    },
    findings: [...file.findings, ...copy.findings, ...read.findings, ...findings],
  };
}
