/** Checks an image while its bytes pass: it begins as a database does, and is as long as its header says. */

import type { ArtifactRecord } from '../../domain/artifact.ts';
import type { Finding } from '../../domain/finding.ts';
import type { Work } from '../../domain/work.ts';
import { headerBytes, headerFault } from './image/image-header.ts';

/** Reads `bytes` to the end. Of other artifacts only that they can be read to the end is known afterwards. */
export async function checkImage(
  artifact: ArtifactRecord,
  bytes: AsyncIterable<Uint8Array>,
  work: Work,
): Promise<readonly Finding[]> {
  let start = Buffer.alloc(0);
  let sizeBytes = 0;
  for await (const chunk of bytes) {
    if (start.length < headerBytes) start = Buffer.concat([start, chunk.subarray(0, headerBytes - start.length)]);
    sizeBytes += chunk.length;
    work.report({ kind: 'bytes', doneBytes: sizeBytes, totalBytes: artifact.plainBytes });
    work.signal.throwIfAborted();
  }
  const fault = artifact.role === 'image' ? headerFault(start, sizeBytes) : null;
  if (fault === null) return [];
  const hint = 'The image was damaged before it was stored, or is not one: use another backup.';
  return [{ severity: 'blocking', code: 'sqlite-image-damaged', message: `${artifact.name} ${fault}`, hint }];
}
