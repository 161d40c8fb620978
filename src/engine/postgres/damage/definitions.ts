/**
 * The definitions of what is saved, as SQL: by pg_dump where it gets through the catalogs, else put together from what
 * the catalogs still say, table by table.
 */

import type { ReadFailure } from '../../../domain/damage.ts';
import { HoldfastError, messageOf } from '../../../domain/error.ts';
import type { Finding } from '../../../domain/finding.ts';
import type { ClientTools } from '../client-tools.ts';
import type { PgAddress } from '../connection/address.ts';
import { toolError } from '../dump/tool-errors.ts';
import { qualifiedName, quoteIdentifier, quoteLiteral } from '../quote.ts';
import { startTool } from '../start-tool.ts';
import type { DamagedSession } from './damaged-session.ts';
import type { Listed } from './list-tables.ts';

export interface Definitions {
  /** `pg_dump 17.11`, `the catalogs`. */
  readonly source: string;
  /** What must be there before rows are loaded. */
  readonly before: string;
  /** Indexes, constraints, triggers: what rows that are missing may break. */
  readonly after: string;
  readonly failures: readonly ReadFailure[];
  readonly findings: readonly Finding[];
}

export interface DefinitionParts {
  readonly session: DamagedSession;
  readonly listed: Listed;
  /** Null when none of this machine fit. */
  readonly tools: ClientTools | null;
  readonly owners: boolean;
  readonly privileges: boolean;
}

const lockPatienceMs = 10_000;

export async function readDefinitions(parts: DefinitionParts, signal: AbortSignal): Promise<Definitions> {
  const { tools } = parts;
  let refusal = 'there is no pg_dump that fits';
  if (tools !== null) {
    try {
      const [before, after] = [
        await dumpSection(parts, tools, 'pre-data', signal),
        await dumpSection(parts, tools, 'post-data', signal),
      ];
      return { source: `pg_dump ${tools.version}`, before, after: withoutPreamble(after), failures: [], findings: [] };
    } catch (thrown) {
      signal.throwIfAborted();
      if (!(thrown instanceof HoldfastError)) throw thrown;
      refusal = thrown.message;
    }
  }
  return { ...(await fromCatalogs(parts)), findings: [withoutDump(refusal)] };
}

/** Small enough to be held, as every definition is; nothing of it is used before pg_dump has ended well. */
async function dumpSection(
  { session, owners, privileges }: DefinitionParts,
  tools: ClientTools,
  section: 'pre-data' | 'post-data',
  signal: AbortSignal,
): Promise<string> {
  const args = [
    '--format=plain',
    '--encoding=UTF8',
    '--no-password',
    `--section=${section}`,
    `--lock-wait-timeout=${String(lockPatienceMs)}`,
    // They are saved one by one; pg_dump before 17 would make them here already.
    '--no-blobs',
    ...(owners ? [] : ['--no-owner']),
    ...(privileges ? [] : ['--no-privileges']),
  ];
  const address: PgAddress = session.address;
  await using child = await startTool({ tools, name: 'pg_dump', args, address }, signal);
  const chunks: Buffer[] = [];
  if (child.stdout !== null) for await (const chunk of child.stdout) chunks.push(chunk as Buffer);
  const status = await child.ended;
  signal.throwIfAborted();
  if (status.code !== 0) throw toolError('dump-failed', 'pg_dump', status);
  return Buffer.concat(chunks).toString('utf8');
}

/** The one setting that servers before 17 do not know; the first section set it already. */
function withoutPreamble(after: string): string {
  return after.replace(/^SET transaction_timeout = 0;\n/m, '');
}

function withoutDump(refusal: string): Finding {
  return {
    severity: 'warning',
    code: 'definitions-from-catalogs',
    message: `pg_dump could not read the definitions, so only schemas, enums, sequences, tables, constraints and indexes were saved: ${refusal}`,
    hint: 'Take functions, views, triggers and privileges from an older backup (--schema-only in an extract of it).',
  };
}

class Collector {
  readonly lines: string[] = [];
  readonly failures: ReadFailure[] = [];
  readonly #session: DamagedSession;

  constructor(session: DamagedSession) {
    this.#session = session;
  }

  /** Statements that the catalogs spell themselves. */
  async add(what: string, sql: string, values: readonly unknown[] = []): Promise<void> {
    try {
      const rows = await this.#session.query<{ line: string }>(sql, values);
      this.lines.push(...rows.map(({ line }) => line));
    } catch (thrown) {
      if (!(thrown instanceof HoldfastError) || thrown.code === 'server-gone') throw thrown;
      this.failures.push({ what: `the definition of ${what}`, error: messageOf(thrown) });
    }
  }
}

async function fromCatalogs({ session, listed }: DefinitionParts): Promise<Omit<Definitions, 'findings'>> {
  const before = new Collector(session);
  const after = new Collector(session);
  before.lines.push(`SET client_encoding = 'UTF8';`, 'SET check_function_bodies = false;', `SET row_security = off;`);
  const schemas = new Set([...listed.tables, ...listed.sequences].map(({ schema }) => schema));
  for (const schema of schemas) before.lines.push(`CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(schema)};`);
  await before.add('extensions', extensionsSql);
  await before.add('enums', enumsSql);
  await before.add('domains', domainsSql);
  for (const { schema, name } of listed.sequences) {
    before.lines.push(`CREATE SEQUENCE IF NOT EXISTS ${qualifiedName(schema, name)};`);
  }
  for (const { oid, schema, name } of listed.tables) {
    const table = `${schema}.${name}`;
    await before.add(table, tableSql, [oid]);
    await before.add(`defaults of ${table}`, defaultsSql, [oid]);
    await after.add(`constraints of ${table}`, constraintsSql, [oid]);
    await after.add(`indexes of ${table}`, indexesSql, [oid]);
  }
  const failures = [...before.failures, ...after.failures];
  // Foreign keys last: they need the keys they point at.
  const last = after.lines.filter((line) => line.includes(' FOREIGN KEY '));
  const others = after.lines.filter((line) => !line.includes(' FOREIGN KEY '));
  return {
    source: 'the catalogs',
    before: `${before.lines.join('\n')}\n`,
    after: `${[...others, ...last].join('\n')}\n`,
    failures,
  };
}

const extensionsSql = `select format('CREATE EXTENSION IF NOT EXISTS %I WITH SCHEMA %I;', e.extname, n.nspname) as line
   from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.oid >= 16384 and n.nspname !~ '^pg_'`;

const userType = `n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  and not exists (select from pg_depend d where d.classid = 'pg_type'::regclass and d.objid = t.oid and d.deptype = 'e')`;

const enumsSql = `select format('CREATE TYPE %I.%I AS ENUM (%s);', n.nspname, t.typname,
          (select string_agg(quote_literal(v.enumlabel), ', ' order by v.enumsortorder)
             from pg_enum v where v.enumtypid = t.oid)) as line
   from pg_type t join pg_namespace n on n.oid = t.typnamespace where t.typtype = 'e' and ${userType}`;

const domainsSql = `select format('CREATE DOMAIN %I.%I AS %s;', n.nspname, t.typname,
          format_type(t.typbasetype, t.typtypmod)) as line
   from pg_type t join pg_namespace n on n.oid = t.typnamespace where t.typtype = 'd' and ${userType}`;

/** Partitions become tables of their own. */
const tableSql = `select format('CREATE TABLE %I.%I (%s);', n.nspname, c.relname,
          (select string_agg(format('%I %s%s', a.attname, format_type(a.atttypid, a.atttypmod),
                             case when a.attnotnull then ' NOT NULL' else '' end), ', ' order by a.attnum)
             from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)) as line
   from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = $1`;

const defaultsSql = `select format('ALTER TABLE %I.%I ALTER COLUMN %I SET DEFAULT %s;', n.nspname, c.relname, a.attname,
          pg_get_expr(d.adbin, d.adrelid)) as line
   from pg_attrdef d join pg_class c on c.oid = d.adrelid join pg_namespace n on n.oid = c.relnamespace
   join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
  where c.oid = $1 and a.attgenerated = ''`;

const constraintsSql = `select format('ALTER TABLE ONLY %I.%I ADD CONSTRAINT %I %s;', n.nspname, c.relname, k.conname,
          pg_get_constraintdef(k.oid)) as line
   from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
  where c.oid = $1 and k.contype in ('p', 'u', 'c', 'x', 'f') order by k.contype <> 'p', k.conname`;

const indexesSql = `select pg_get_indexdef(i.indexrelid) || ';' as line from pg_index i
  where i.indrelid = $1 and not exists (select from pg_constraint k where k.conindid = i.indexrelid
                                           and k.contype in ('p', 'u', 'x'))`;

/** `SELECT pg_catalog.setval('…', 42, true);` */
export function setvalLine(schema: string, name: string, lastValue: string, isCalled: boolean): string {
  return `SELECT pg_catalog.setval(${quoteLiteral(qualifiedName(schema, name))}, ${lastValue}, ${String(isCalled)});\n`;
}
