/**
 * An archive that went through a pipe does not say where its data blocks are (pg_backup_custom.c, _CloseArchive: the table of
 * contents is written again only where the file can seek). With these bytes written over a copy of it, it does.
 */

import type { ArchiveToc } from './toc.ts';

export interface OffsetPatch {
  readonly position: number;
  readonly bytes: Uint8Array;
}

/** K_OFFSET_POS_SET. */
const isSet = 2;

/** For every entry with data; writing them again changes nothing. */
export function offsetPatches(toc: ArchiveToc, dataOffsets: ReadonlyMap<number, number>): readonly OffsetPatch[] {
  return toc.entries.flatMap((entry) => {
    const offset = dataOffsets.get(entry.dumpId);
    if (offset === undefined || entry.dataState === 'none') return [];
    if (toc.offsetBytes < 8 && offset >= 2 ** 31) return [];
    const whole = Buffer.alloc(1 + 8);
    whole.writeUInt8(isSet);
    whole.writeBigUInt64LE(BigInt(offset), 1);
    return [{ position: entry.offsetFieldPosition, bytes: whole.subarray(0, 1 + toc.offsetBytes) }];
  });
}
