/** Forges backups that look right: the file is replaced and everything that vouches for it is made to agree. */

import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { sealJson, unsealJson } from '../../src/repository/sealed-json.ts';

/** The folders of a database's backups in a local repository, oldest first. */
export async function backupFolders(repository: string, database: string): Promise<readonly string[]> {
  const folder = join(repository, database, 'backups');
  return (await readdir(folder)).sort().map((name) => join(folder, name));
}

/** Gives the backup in `folder` the fingerprint of the one in `from`. */
export async function forgeFingerprint(folder: string, from: string): Promise<void> {
  const name = 'fingerprint.json.zst';
  const plain = zstdDecompressSync(await readFile(join(from, name)));
  const stored = zstdCompressSync(plain, { pledgedSrcSize: plain.length });
  const sha256 = createHash('sha256').update(stored).digest('hex');
  await writeFile(join(folder, name), stored);

  const manifest = unsealJson(await readFile(join(folder, 'manifest.json')));
  if (!manifest.ok) throw new Error(manifest.problem);
  const artifacts = (manifest.value['artifacts'] as Record<string, unknown>[]).map((artifact) =>
    artifact['name'] === name
      ? { ...artifact, sha256, storedBytes: stored.length, plainBytes: plain.length, frames: 1 }
      : artifact,
  );
  await writeFile(join(folder, 'manifest.json'), sealJson({ ...manifest.value, artifacts }));
}
