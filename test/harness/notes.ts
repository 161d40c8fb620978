/** A SQLite file that is large enough to be backed up without a warning. */

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** `notes.db` in the folder; its address is `file:notes.db`. */
export function makeNotes(folder: string): void {
  using database = new DatabaseSync(join(folder, 'notes.db'));
  database.exec('CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT); BEGIN');
  const insert = database.prepare('INSERT INTO notes (body) VALUES (?)');
  for (let row = 0; row < 20_000; row += 1) insert.run(`note ${String(row)} ${'x'.repeat(60)}`);
  database.exec('COMMIT');
}
