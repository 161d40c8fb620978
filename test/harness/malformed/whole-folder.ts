/** What every malformed input is put beside: a database, a repository with two backups, files of other programs. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect } from 'vitest';
import { runHoldfast, type CliOptions } from '../cli.ts';
import { shell } from '../foreign-files.ts';
import { makeNotes } from '../notes.ts';
import type { TestServer } from '../postgres-server.ts';

/** `notes.db`, named by `.env`, and two backups, both verified. */
export async function makeWholeFolder(folder: string): Promise<void> {
  const options: CliOptions = { cwd: folder };
  await mkdir(folder, { recursive: true });
  makeNotes(folder);
  await writeFile(join(folder, '.env'), 'DATABASE_URL=file:notes.db\n');
  for (const args of [['backup'], ['backup'], ['verify', '--all']]) {
    changeNotes(folder);
    const result = await runHoldfast(args, options);
    expect([0, 3], result.stderr).toContain(result.code);
  }
}

/** So that no two backups are alike. */
function changeNotes(folder: string): void {
  using database = new DatabaseSync(join(folder, 'notes.db'));
  database.exec("UPDATE notes SET body = body || ' once more' WHERE id % 3 = 0");
}

/** The files of `foreignNames`, made by the programs that people have. */
export async function makeForeignFiles(folder: string, notes: string, server: TestServer): Promise<void> {
  await mkdir(folder, { recursive: true });
  await server.createDatabase('app');
  await server.psql(
    `CREATE TABLE orders (id int PRIMARY KEY, note text);
     INSERT INTO orders SELECT i, md5(i::text) FROM generate_series(1, 3000) AS i;
     CREATE VIEW newest AS SELECT max(id) FROM orders;`,
    'app',
  );
  const lines = [
    'pg_dump -Fc -f app.dump app',
    'pg_dump -Ft -f app.tar app',
    'pg_dump -f app.sql app',
    'gzip -k app.dump app.sql',
    'zstd -q app.sql',
    'pg_dumpall | gzip > cluster.sql.gz',
    `gzip -c ${notes}/notes.db > notes.db.gz`,
  ];
  for (const line of lines) await shell(line, folder, server);
}
