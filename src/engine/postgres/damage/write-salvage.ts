/**
 * The script of a salvage: definitions, rows, sequences, then what lost rows may break. Until the last part psql stops at
 * the first error; in it, it goes on and says which statements failed (`\set ON_ERROR_STOP off`). The comments are those of
 * pg_dump, so that whoever counts rows in its scripts counts them here too.
 */

import type { ReadFailure, TableReading } from '../../../domain/damage.ts';
import { HoldfastError, messageOf } from '../../../domain/error.ts';
import type { Finding } from '../../../domain/finding.ts';
import type { LargeObjectsFingerprint, SequenceFingerprint, TableFingerprint } from '../../../domain/fingerprint.ts';
import type { Work } from '../../../domain/work.ts';
import { formatSum } from '../fingerprint/source-fingerprint.ts';
import { qualifiedName, quoteIdentifier } from '../quote.ts';
import { withZeroBlocks } from './assess.ts';
import type { DamagedSession } from './damaged-session.ts';
import { setvalLine, type Definitions } from './definitions.ts';
import type { Listing } from './open-listing.ts';
import { readTable, type ReadableTable } from './read-table.ts';
import { readSequence } from './read-sequence.ts';
import { RowSummer } from './row-sum.ts';
import { salvageLargeObjects } from './salvage-large-objects.ts';

/** Filled while the script is written. */
export interface Saved {
  readonly readings: TableReading[];
  readonly tables: TableFingerprint[];
  readonly sequences: SequenceFingerprint[];
  readonly failures: ReadFailure[];
  readonly findings: Finding[];
  largeObjects: LargeObjectsFingerprint | null;
}

export function nothingSaved(): Saved {
  return { readings: [], tables: [], sequences: [], failures: [], findings: [], largeObjects: null };
}

/** From here on a script goes on behind errors. */
export const lenientFrom = '\\set ON_ERROR_STOP off';

export async function* writeSalvage(
  listing: Listing,
  definitions: Definitions & { readonly owners: boolean },
  saved: Saved,
  work: Work,
): AsyncGenerator<Uint8Array> {
  yield text(`--\n-- PostgreSQL database salvaged by Holdfast: what still read\n--\n\n${definitions.before}\n`);
  yield text(settings);
  await using summer = new RowSummer();
  const progress = byteProgress(listing, work);
  for (const table of listing.listed.tables) {
    work.report({ kind: 'step', text: `saving ${table.schema}.${table.name}` });
    yield* writeTable(listing, table, saved, summer, progress);
  }
  const { session } = listing;
  yield* asBytes(writeSequences(listing, saved));
  const objects = yield* asBytes(salvageLargeObjects(session, definitions.owners));
  saved.failures.push(...objects.failures);
  saved.largeObjects = objects.saved.count === 0 ? null : objects.saved;
  yield text(`\n${lenientFrom}\n\n${definitions.after}\n${objects.owners.map((line) => `${line}\n`).join('')}`);
  yield* asBytes(writeRefreshes(session, saved));
  yield text('\n--\n-- PostgreSQL database dump complete\n--\n');
}

/** pg_dump's definitions speak the database's own encoding; rows are read as UTF-8. */
const settings = [
  `SET client_encoding = 'UTF8';`,
  'SET standard_conforming_strings = on;',
  `SELECT pg_catalog.set_config('search_path', '', false);`,
  `SET row_security = off;`,
  '\n',
].join('\n');

async function* writeTable(
  listing: Listing,
  table: ReadableTable,
  saved: Saved,
  summer: RowSummer,
  progress: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  const columns = table.columns.length === 0 ? '' : ` (${table.columns.map(quoteIdentifier).join(', ')})`;
  // A line break in a name would end the comment.
  const shown = table.name.replaceAll(/[\r\n]/g, ' ');
  yield text(
    `\n--\n-- Data for Name: ${shown}; Type: TABLE DATA; Schema: ${table.schema.replaceAll(/[\r\n]/g, ' ')}\n--\n\n`,
  );
  yield text(`COPY ${qualifiedName(table.schema, table.name)}${columns} FROM stdin;\n`);
  summer.begin();
  const rows = readTable(listing.session, table, listing.form);
  let next = await rows.next();
  while (next.done !== true) {
    await summer.push(next.value);
    progress(next.value.length);
    yield next.value;
    next = await rows.next();
  }
  yield text('\\.\n\n');
  const { sum, rows: hashed } = await summer.end();
  const { reading, findings } = await withZeroBlocks(listing, table, next.value);
  if (hashed !== reading.rows) throw new Error(`${String(reading.rows)} rows read, ${String(hashed)} hashed`);
  saved.readings.push(reading);
  saved.findings.push(...findings);
  saved.tables.push({
    schema: table.schema,
    table: table.name,
    kind: table.condition === null ? 'table' : 'extension-config',
    columns: table.columns,
    ...(table.condition === null ? {} : { condition: `WHERE ${table.condition}` }),
    rows: reading.rows,
    sum: formatSum(sum),
  });
}

async function* writeSequences({ session, listed }: Listing, saved: Saved): AsyncGenerator<string> {
  for (const sequence of listed.sequences) {
    const read = await readSequence(session, sequence);
    if ('error' in read) {
      saved.failures.push(read);
      continue;
    }
    yield setvalLine(read.schema, read.name, read.lastValue, read.isCalled);
    saved.sequences.push(read);
  }
}

/** Materialized views are filled from what was saved. */
async function* writeRefreshes(session: DamagedSession, saved: Saved): AsyncGenerator<string> {
  try {
    const views = await session.query<{ schema: string; name: string }>(
      `select n.nspname::text as schema, c.relname::text as name
         from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind = 'm' and c.relispopulated and n.nspname !~ '^pg_' order by c.oid`,
    );
    for (const { schema, name } of views) yield `REFRESH MATERIALIZED VIEW ${qualifiedName(schema, name)};\n`;
  } catch (thrown) {
    if (!(thrown instanceof HoldfastError) || thrown.code === 'server-gone') throw thrown;
    saved.failures.push({ what: 'the list of materialized views', error: messageOf(thrown) });
  }
}

function byteProgress({ listed }: Listing, work: Work): (bytes: number) => void {
  const totalBytes = listed.tables.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0);
  let doneBytes = 0;
  return (bytes) => {
    doneBytes += bytes;
    work.report({ kind: 'bytes', doneBytes, totalBytes: Math.max(totalBytes, doneBytes) });
  };
}

async function* asBytes<R>(lines: AsyncGenerator<string, R>): AsyncGenerator<Uint8Array, R> {
  let next = await lines.next();
  while (next.done !== true) {
    yield text(next.value);
    next = await lines.next();
  }
  return next.value;
}

function text(sql: string): Uint8Array {
  return Buffer.from(sql, 'utf8');
}
