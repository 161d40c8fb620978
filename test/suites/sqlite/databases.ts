/** Databases to test with. */

import { rmSync } from 'node:fs';
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';

/** Makes a database by statements, in WAL mode unless told otherwise. */
export function makeDatabase(path: string, sql: string, journalMode: 'wal' | 'delete' = 'wal'): void {
  rmSync(path, { force: true });
  const database = new DatabaseSync(path);
  // Settings that hold only for an empty file come before the change of the journal mode writes it.
  const layout = /^(\s*PRAGMA [^;]*;)*/i.exec(sql)?.[0] ?? '';
  database.exec(`${layout}; PRAGMA journal_mode = ${journalMode}; ${sql.slice(layout.length)}`);
  database.close();
}

/** Runs statements on a database. */
export function change(path: string, sql: string): void {
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: false });
  database.exec(sql);
  database.close();
}

/** The first value of a query. */
export function ask(path: string, sql: string): SQLOutputValue {
  // A program that was just killed has helpers that end a moment after it, and lets go of its locks only then.
  const database = new DatabaseSync(path, { timeout: 5000 });
  try {
    const row = database.prepare(sql).get();
    return row === undefined ? null : (Object.values(row)[0] ?? null);
  } finally {
    database.close();
  }
}

/** A hundred accounts with 1000 each, and enough notes to make the file `megabytes` large. */
export function makeAccounts(path: string, journalMode: 'wal' | 'delete', megabytes: number): void {
  makeDatabase(
    path,
    `CREATE TABLE account (id INTEGER PRIMARY KEY, amount INTEGER NOT NULL);
     CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL);
     CREATE INDEX note_text ON note (text);
     WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) INSERT INTO account SELECT i, 1000 FROM n;
     WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${String(megabytes * 1000)})
       INSERT INTO note (text) SELECT hex(randomblob(200)) FROM n;`,
    journalMode,
  );
}
