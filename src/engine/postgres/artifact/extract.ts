/** A backup's plain bytes in a form that other scripts expect. The caller compresses what is to be `.gz`. */

import type { BackupSource } from '../../../domain/artifact.ts';
import type { Work } from '../../../domain/work.ts';
import type { ExtractFormat } from '../../engine.ts';
import { findClientTools } from '../client-tools.ts';
import { writerMajor } from '../restore/load/archive-writer.ts';
import { chooseArtifact } from '../restore/load/choose-artifact.ts';
import { archiveAsSql } from '../restore/load/plain-sql.ts';
import { readHead } from '../restore/load/read-head.ts';

/** Throws `artifact-missing` for a format that `extractFormats` does not name. */
export async function* extract(
  environment: Readonly<Record<string, string | undefined>>,
  format: ExtractFormat,
  source: BackupSource,
  work: Work,
): AsyncGenerator<Uint8Array> {
  const { manifest } = source;
  if (format.name === 'dump') {
    yield* source.open(chooseArtifact(manifest, ['archive']), work);
    return;
  }
  const artifact = chooseArtifact(manifest, ['sql', 'archive']);
  if (artifact.role === 'sql') {
    yield* source.open(artifact, work);
    return;
  }
  await using head = await readHead(source.open(artifact, work));
  const tools = await findClientTools(writerMajor(head.toc), environment);
  yield* archiveAsSql({ tools, owners: manifest.owners, privileges: manifest.privileges }, head.bytes, work.signal);
}
