/**
 * Gives a copied, never started cluster a system identifier of its own, so that two test servers are never taken for one.
 * The identifier is the first field of `global/pg_control` (ControlFileData, src/include/catalog/pg_control.h), which
 * ends with a CRC-32C of itself, and stands in the first page of each WAL file (XLogLongPageHeaderData.xlp_sysid,
 * src/include/access/xlog_internal.h).
 */

import { randomBytes } from 'node:crypto';
import { open, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const walIdentifierOffset = 24;

export async function renewSystemIdentifier(dataDirectory: string): Promise<void> {
  const identifier = randomBytes(8);
  identifier.writeUInt8(identifier.readUInt8(7) & 0x7f, 7);
  const controlPath = join(dataDirectory, 'global/pg_control');
  const control = await readFile(controlPath);
  const crcOffset = findCrcOffset(control);
  identifier.copy(control, 0);
  control.writeUInt32LE(crc32c(control.subarray(0, crcOffset)), crcOffset);
  await writeFile(controlPath, control);
  const walDirectory = join(dataDirectory, 'pg_wal');
  for (const name of await readdir(walDirectory)) {
    if (!/^[0-9A-F]{24}$/.test(name)) continue;
    await using file = await open(join(walDirectory, name), 'r+');
    await file.write(identifier, 0, identifier.length, walIdentifierOffset);
  }
}

/** The structure's length differs between versions; the place where the CRC of all bytes before it stands does not lie. */
function findCrcOffset(control: Buffer): number {
  for (let offset = 200; offset < 512; offset += 4) {
    if (crc32c(control.subarray(0, offset)) === control.readUInt32LE(offset)) return offset;
  }
  throw new Error('global/pg_control has no valid checksum');
}

/** CRC-32C (Castagnoli), RFC 3720 appendix B.4. */
function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
