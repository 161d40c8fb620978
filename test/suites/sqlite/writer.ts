/**
 * An application that writes without a pause: `node writer.ts FILE MODE TIMEOUT`. Each transaction moves an amount between
 * two accounts and notes it, so a torn copy shows in the total. Says `ready` first, `{"commits":…,"failures":…}` when it
 * is told to stop (a line on standard input).
 */

import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';

const [path = '', journalMode = 'wal', timeout = '0'] = process.argv.slice(2);
const database = new DatabaseSync(path, { timeout: Number(timeout) });
database.exec(`PRAGMA journal_mode = ${journalMode}; PRAGMA synchronous = OFF`);

let commits = 0;
let failures = 0;
const stopping = new AbortController();
process.stdin.once('data', () => {
  stopping.abort();
});

function transfer(): void {
  try {
    database.exec('BEGIN IMMEDIATE');
    database.exec('UPDATE account SET amount = amount - 1 WHERE id = 1');
    database.exec(`UPDATE account SET amount = amount + 1 WHERE id = ${String(2 + (commits % 98))}`);
    database.exec('INSERT INTO note (text) VALUES (hex(randomblob(40)))');
    database.exec('COMMIT');
    commits += 1;
  } catch {
    failures += 1;
    if (database.isTransaction) database.exec('ROLLBACK');
  }
}

transfer();
process.stdout.write('ready\n');
while (!stopping.signal.aborted) {
  transfer();
  await setImmediate();
}
database.close();
process.stdout.write(`${JSON.stringify({ commits, failures })}\n`);
