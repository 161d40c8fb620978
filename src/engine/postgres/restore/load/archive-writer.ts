/** Which version of pg_dump wrote something: only that one and newer ones are sure to read it. */

import type { ArchiveToc } from '../../archive/toc.ts';
import { oldestMajor } from '../../server-facts.ts';

/** The major version of pg_dump that wrote the archive; at least the oldest one we look for. */
export function writerMajor(toc: ArchiveToc): number {
  return Math.max(oldestMajor, majorOf(toc.dumpVersion) ?? oldestMajor);
}

/** 17 for `pg_dump 17.11` and for `17.11 (Debian 17.11-1)`; null when there is no version in it. */
export function majorOf(version: string): number | null {
  const major = /(?:^|\s)(\d+)(?:\.|devel|beta|rc|\s|$)/.exec(version)?.[1];
  return major === undefined ? null : Number(major);
}
