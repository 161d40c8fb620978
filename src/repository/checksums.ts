/** `SHA256SUMS`: the format of GNU coreutils' `sha256sum`, checked by `sha256sum -c`. */

export interface Checksum {
  readonly name: string;
  readonly sha256: string;
}

/** Sorted by name, so that the same files give the same bytes. Names need no escaping (docs/format.md, section 2). */
export function checksumsText(checksums: readonly Checksum[]): string {
  return [...checksums]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, sha256 }) => `${sha256}  ${name}\n`)
    .join('');
}
