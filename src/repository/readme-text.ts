/** `README.txt` in the root of a repository: for a person who has this and nothing else. */
export const readmeText = `This folder is a Holdfast repository: backups of databases.

It needs nothing but tools that people already have. Holdfast itself is not necessary to restore.

  <database>/backups/<time>-<kind>-<random>/    one folder for each backup; the newest time is the newest backup

A folder WITHOUT the file manifest.json is not a backup: a run that wrote it was interrupted.

In each backup's folder:

  RESTORE.txt      the commands that restore this very backup, filled in
  SHA256SUMS       check the files with:  sha256sum -c SHA256SUMS
  manifest.json    what the backup is: from where, when, how large, with which warnings
  verified-*.json  it was read again, and was whole          damaged-*.json  it was not
  proof-*.json     it was restored on trial, and compared with what the database held

Files ending in .zst open with \`zstd -d\`, files ending in .gz with \`gzip -d\`, .dump files with \`pg_restore\`,
.sql files with \`psql\`, .db files with \`sqlite3\`.

Do not change, rename or move single files in a backup's folder. Whole folders may be copied anywhere.
`;
