/** The demonstration's SQLite file: the notes of a small application. */

import { DatabaseSync } from 'node:sqlite';
import { words } from './words.ts';

const rows = 40_000;

export function makeNotesFile(path: string): void {
  using database = new DatabaseSync(path);
  database.exec(`
    PRAGMA journal_mode = WAL;
    CREATE TABLE notes (id INTEGER PRIMARY KEY, title TEXT NOT NULL, body TEXT NOT NULL, written_at TEXT NOT NULL);
    BEGIN`);
  const insert = database.prepare('INSERT INTO notes (title, body, written_at) VALUES (?, ?, ?)');
  for (let row = 1; row <= rows; row += 1) {
    const word = (place: number): string =>
      words[(row * 7919 + place * 104_729 + ((row * place) % 613)) % words.length] ?? '';
    const body = Array.from({ length: 12 }, (_, place) => word(place + 3)).join(' ');
    const day = String(1 + (row % 28)).padStart(2, '0');
    insert.run(`${word(1)} ${word(2)}`, body, `2026-${String(1 + (row % 12)).padStart(2, '0')}-${day}T08:00:00Z`);
  }
  database.exec('COMMIT; CREATE INDEX notes_title ON notes (title)');
}

export function countNotes(path: string): number {
  using database = new DatabaseSync(path, { readOnly: true });
  const [row] = database.prepare('SELECT count(*) AS count FROM notes').all();
  return Number(row?.['count'] ?? 0);
}

/** The accident: a statement whose WHERE was forgotten. */
export function forgetWhere(path: string): void {
  using database = new DatabaseSync(path);
  database.exec('DELETE FROM notes');
}
