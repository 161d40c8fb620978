/** An application that has a database open and does nothing: `node holder.ts FILE`. */

import { DatabaseSync } from 'node:sqlite';

const database = new DatabaseSync(process.argv[2] ?? '', { timeout: 0 });
database.prepare('SELECT count(*) FROM sqlite_schema').get();
process.stdout.write('ready\n');
process.stdin.once('data', () => {
  database.close();
  process.stdout.write('closed\n');
});
