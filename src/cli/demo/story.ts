/** What the demonstration shows, step by step. Every figure in it is read from the databases, nothing is pretended. */

import { join } from 'node:path';
import { formatBytes } from '../../domain/amounts.ts';
import type { Playground, PlaygroundConnection } from '../../engine/playground.ts';
import { command as backup } from '../commands/backup.ts';
import { command as drill } from '../commands/drill.ts';
import { command as list } from '../commands/list.ts';
import { command as restore } from '../commands/restore.ts';
import { cliErrors } from '../errors.ts';
import { formatCount } from '../output/format.ts';
import { countNotes, forgetWhere, makeNotesFile } from './notes-file.ts';
import type { Stage } from './stage.ts';

const countOrders = 'SELECT count(*), sum(total) FROM shop.orders';

/** `drillWords`: where to prove, when no throwaway server is wanted. */
export async function tellDatabaseStory(
  stage: Stage,
  playground: Playground,
  drillWords: readonly string[],
): Promise<void> {
  const before = await ask(playground, countOrders);
  await describeDatabase(stage, playground);

  stage.scene('Back it up: one read, one snapshot, a fingerprint of every row');
  await stage.holdfast('backup', backup);

  stage.scene('Prove it: restore it somewhere else and compare every row');
  await stage.holdfast('drill', drill, ...drillWords);

  stage.scene('The accident');
  stage.say('shop=# DROP TABLE shop.orders CASCADE;');
  {
    await using connection = await playground.connect();
    await connection.run('DROP TABLE shop.orders CASCADE');
  }
  const gone = await ask(playground, `SELECT to_regclass('shop.orders') IS NULL`);
  demand(gone === 'true', 'the table is still there');
  stage.say(
    `${formatCount(Number(before.split(' ')[0]))} orders are gone, with a view, a report and two foreign keys.`,
  );

  stage.scene('Bring it back: restored beside, compared, and only then swapped in');
  await stage.holdfast('restore', restore, 'latest');
  const after = await ask(playground, countOrders);
  demand(after === before, `there were ${before}, there are ${after}`);
  const [orders = '', total = ''] = after.split(' ');
  stage.say(
    `shop=# ${countOrders};`,
    `${formatCount(Number(orders))} orders, ${total} in all: as before the accident.`,
  );
}

export async function tellFileStory(stage: Stage, folder: string): Promise<void> {
  const path = join(folder, 'notes.db');
  makeNotesFile(path);
  const before = countNotes(path);
  const url = ['--url', 'file:notes.db'];

  stage.scene('The same with a SQLite file');
  stage.say(`notes.db: ${formatCount(before)} notes.`);
  await stage.holdfast('backup', backup, ...url);
  await stage.holdfast('drill', drill, 'notes', ...url);
  stage.say('sqlite> DELETE FROM notes;');
  forgetWhere(path);
  demand(countNotes(path) === 0, 'the notes are still there');
  await stage.holdfast('restore', restore, 'notes', 'latest', ...url);
  const after = countNotes(path);
  demand(after === before, `there were ${String(before)} notes, there are ${String(after)}`);
  stage.say(`${formatCount(after)} notes: as before.`);

  stage.scene('What is in the repository now');
  await stage.holdfast('list', list);
}

async function describeDatabase(stage: Stage, playground: Playground): Promise<void> {
  await using connection = await playground.connect();
  const tables = ['customers', 'products', 'orders', 'order_items', 'events', 'documents', 'audit_log'];
  const counts: string[] = [];
  for (const table of tables) counts.push(`${table} ${formatCount(await countRows(connection, table))}`);
  const [[bytes = '0'] = []] = await connection.rows('SELECT pg_database_size(current_database())');
  stage.say(`${formatBytes(Number(bytes))}: ${counts.slice(0, 4).join(', ')},`, `${counts.slice(4).join(', ')}.`);
}

async function countRows(connection: PlaygroundConnection, table: string): Promise<number> {
  const [[count = '0'] = []] = await connection.rows(`SELECT count(*) FROM shop.${table}`);
  return Number(count);
}

async function ask(playground: Playground, sql: string): Promise<string> {
  await using connection = await playground.connect();
  const [row = []] = await connection.rows(sql);
  return row.join(' ');
}

function demand(isTrue: boolean, otherwise: string): void {
  if (!isTrue) throw cliErrors.make('demo-failed', `the demonstration went wrong: ${otherwise}`);
}
