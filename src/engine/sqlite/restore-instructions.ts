/** The body of RESTORE.txt: lines indented by four spaces are commands, to be run in the backup's folder. */

import type { Manifest } from '../../domain/manifest.ts';
import { imageArtifact } from './image/image-file.ts';
import { quoteShell } from './quote.ts';

const salvagedPart = `
It was SALVAGED from a damaged file: it holds what still read, and what did not is listed, table by table, in
fingerprint.json.zst (zstd -dc fingerprint.json.zst, "salvage"). Rows that were lost may be missed by foreign keys.
`;

export function restoreInstructions(manifest: Manifest): string {
  const { name } = imageArtifact({ manifest });
  const image = quoteShell(name);
  const plain = quoteShell(name.replace(/\.zst$/, ''));
  const place = quoteShell(manifest.origin.address);
  const old = quoteShell(`${manifest.origin.address}.before_restore_`);
  const salvaged = manifest.scope.salvaged === true ? salvagedPart : '';
  return `This folder holds a copy of the SQLite database ${manifest.origin.databaseName}, taken at ${manifest.started}
from ${manifest.origin.address} (SQLite ${manifest.origin.version}). It is one file, compressed with zstd. The commands
below need sha256sum, zstd and sqlite3; run them in this folder.
${salvaged}
1. Check that every byte is as it was stored:

    sha256sum -c SHA256SUMS

2. Unpack the database, and let SQLite check it (it answers "ok"):

    zstd -d -f ${image} -o ${plain}
    sqlite3 ${plain} 'PRAGMA integrity_check' 'PRAGMA foreign_key_check'

3. STOP THE APPLICATION, which must not have the database open. Then keep the present file with everything SQLite has
   beside it, and put the restored one in its place:

    t=$(date -u +%Y%m%d_%H%M%S); for e in '' -wal -shm -journal; do [ ! -e ${place}$e ] || mv ${place}$e ${old}$t$e; done
    mv ${plain} ${place}

   Give it the owner and the mode of the old one if the application runs as another user. The way back is the same with
   the names exchanged. To look into the copy without replacing anything, stop after
   step 2 and open it with: sqlite3 -readonly ${plain}
`;
}
