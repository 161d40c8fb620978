/** Does a stream of ours end in the systemd journal? systemd.exec(5), `$JOURNAL_STREAM`: device and inode of that stream. */

import { fstatSync } from 'node:fs';

export function isJournalStream(fd: number, environment: Readonly<Record<string, string | undefined>>): boolean {
  const named = environment['JOURNAL_STREAM'];
  if (named === undefined || named === '') return false;
  try {
    const { dev, ino } = fstatSync(fd, { bigint: true });
    return named === `${String(dev)}:${String(ino)}`;
  } catch {
    // Closed: then nobody reads it.
    return false;
  }
}
