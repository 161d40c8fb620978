/** The first 100 bytes of a database file (https://sqlite.org/fileformat2.html, "The Database Header"). */

export const headerBytes = 100;

const magic = Buffer.from('SQLite format 3\0', 'latin1');

export interface ImageHeader {
  readonly pageSizeBytes: number;
  readonly pages: number;
  /** The number of pages is that of the last change (else an old SQLite wrote last, and it means nothing). */
  readonly pagesAreKnown: boolean;
}

export function hasDatabaseMagic(bytes: Uint8Array): boolean {
  return magic.equals(bytes.subarray(0, magic.length));
}

/** Null when the bytes are no header. */
export function parseImageHeader(bytes: Uint8Array): ImageHeader | null {
  const header = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (header.length < headerBytes || !hasDatabaseMagic(header)) return null;
  const stored = header.readUInt16BE(16);
  const pageSizeBytes = stored === 1 ? 65_536 : stored;
  if (pageSizeBytes < 512 || (pageSizeBytes & (pageSizeBytes - 1)) !== 0) return null;
  const pages = header.readUInt32BE(28);
  return { pageSizeBytes, pages, pagesAreKnown: pages > 0 && header.readUInt32BE(24) === header.readUInt32BE(92) };
}

/** What is wrong with a file of this header and length, to follow the word `image`; null when nothing is. */
export function headerFault(bytes: Uint8Array, sizeBytes: number): string | null {
  const header = parseImageHeader(bytes);
  if (header === null) return 'does not begin as a SQLite database does';
  const whole = sizeBytes / header.pageSizeBytes;
  const [size, page] = [String(sizeBytes), String(header.pageSizeBytes)];
  if (!Number.isInteger(whole)) return `holds ${size} bytes, which is no whole number of pages of ${page}`;
  if (header.pagesAreKnown && whole !== header.pages) {
    return `holds ${String(whole)} pages of ${page} bytes, its header says ${String(header.pages)}`;
  }
  return null;
}
