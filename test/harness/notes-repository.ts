/** A folder with a small SQLite database `notes.db`, named by `.env`, and one backup of it. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect } from 'vitest';
import { runHoldfast, type CliOptions } from './cli.ts';
import { makeTestDirectory } from './temporary.ts';

export interface NotesRepository extends AsyncDisposable {
  readonly options: CliOptions;
  /** Makes a backup; its id. */
  backUp(): Promise<string>;
}

export async function makeNotes(purpose: string): Promise<NotesRepository> {
  const directory = await makeTestDirectory(purpose);
  const options: CliOptions = { cwd: directory.path };
  {
    using database = new DatabaseSync(join(directory.path, 'notes.db'));
    database.exec(`
      CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT);
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
      INSERT INTO notes SELECT i, hex(randomblob(30)) FROM n;
    `);
  }
  await writeFile(join(directory.path, '.env'), 'DATABASE_URL=file:notes.db\n');
  return {
    options,
    backUp: async () => {
      const result = await runHoldfast(['backup', '--json'], options);
      expect([0, 3], result.stdout).toContain(result.code);
      return String(result.json().at(-1)?.['id']);
    },
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}
