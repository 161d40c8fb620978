/** What a compressed file's first bytes say; which of them are read here, and which need a program of their own. */

export type Wrapping = 'gzip' | 'zstd' | 'bzip2' | 'xz' | 'lz4' | 'zip';

const beginnings: readonly (readonly [Wrapping, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b, 0x08]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['lz4', [0x04, 0x22, 0x4d, 0x18]],
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
];

/** Null for bytes that begin as no compressed file does. */
export function wrappingOf(head: Uint8Array): Wrapping | null {
  const found = beginnings.find(([, magic]) => magic.every((byte, at) => head[at] === byte));
  if (found !== undefined) return found[0];
  // A skippable frame (RFC 8878, section 3.1.2) may come before the first one: pzstd writes it.
  const [first = 0, ...rest] = head.subarray(0, 4);
  const isSkippable = (first & 0xf0) === 0x50 && [0x2a, 0x4d, 0x18].every((byte, at) => rest[at] === byte);
  return isSkippable ? 'zstd' : null;
}
