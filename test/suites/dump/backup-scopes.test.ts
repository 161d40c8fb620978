import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wholeScope, type Scope } from '../../../src/domain/scope.ts';
import { openSession } from '../../../src/engine/postgres/connection/session.ts';
import { listScopeRelations } from '../../../src/engine/postgres/dump/scope-tables.ts';
import { startPostgres, type TestServer } from '../../harness/postgres-server.ts';
import { listEntries } from './archive-tools.ts';
import { addressOf, artifact, part, takeBackup } from './take-backup.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startPostgres();
  await server.createDatabase('app');
  await server.psql(
    `CREATE SCHEMA sales; CREATE SCHEMA "Sales";
     CREATE TABLE orders (id serial PRIMARY KEY); CREATE TABLE "Orders" (id int); CREATE TABLE order_lines (id int);
     CREATE TABLE sales.orders (id int); CREATE TABLE "Sales".orders (id int); CREATE TABLE sales."a.b" (id int);
     CREATE TABLE sales.parts (id int) PARTITION BY RANGE (id);
     CREATE TABLE sales.parts_1 PARTITION OF sales.parts FOR VALUES FROM (0) TO (10);
     CREATE UNLOGGED TABLE fleeting (id int); CREATE TABLE "dollar$sign" (id int);
     CREATE VIEW sales.looks AS SELECT 1 AS x; CREATE MATERIALIZED VIEW mat AS SELECT 1 AS x;
     ALTER DATABASE app SET search_path = sales, public;
     CREATE ROLE clerk LOGIN; ALTER TABLE sales.orders OWNER TO clerk`,
    'app',
  );
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const scopes: readonly Partial<Scope>[] = [
  { tables: ['orders'] },
  { tables: ['ORDERS'] },
  { tables: ['"Orders"'] },
  { tables: ['public.order*'] },
  { tables: ['*.orders'] },
  { tables: ['sales."a.b"', '"dollar$sign"'] },
  { tables: ['(orders|order_lines)'] },
  { tables: ['app.public.orders'] },
  { tables: ['sales.parts*'] },
  { tables: ['sales.*'], excludedTables: ['parts*'], schemas: ['public'] },
  { schemas: ['sales'] },
  { schemas: ['"Sales"', 'pub*'] },
  { schemas: ['sales'], excludedTables: ['sales.ord*'] },
  { excludedSchemas: ['sales'] },
  { excludedTables: ['*.orders', 'fleeting'] },
  { excludedSchemas: ['*ales'], tables: ['"Sales".orders'] },
];

describe('a backup of chosen parts', () => {
  it.each(scopes.map((scope) => [JSON.stringify(scope), scope] as const))(
    '%s locks exactly the tables pg_dump takes',
    async (_, choice) => {
      const scope = part(choice);
      const taken = await takeBackup(server, 'app', { scope });
      const dumped = await listEntries(server, artifact(taken, 'archive'), 'TABLE DATA');
      await using session = await openSession(addressOf(server.socketUrl('app')).address, {
        purpose: 'test',
        signal: new AbortController().signal,
      });
      const chosen = (await listScopeRelations(session, scope)).filter((relation) => relation.kind === 'table');
      expect(dumped).toEqual(chosen.map((relation) => `${relation.schema} ${relation.name}`).toSorted());
      expect(dumped.length).toBeGreaterThan(0);
    },
  );

  it('fails when a chosen name matches nothing', async () => {
    await expect(takeBackup(server, 'app', { scope: part({ tables: ['orders', 'nope'] }) })).rejects.toMatchObject({
      code: 'nothing-in-scope',
      message: 'no table matches nope',
    });
    await expect(takeBackup(server, 'app', { scope: part({ schemas: ['nope'] }) })).rejects.toMatchObject({
      code: 'nothing-in-scope',
    });
  });

  it('needs the roles of what it holds, not of the rest', async () => {
    const one = await takeBackup(server, 'app', { scope: part({ tables: ['sales.orders'] }) });
    expect(one.outcome.needs.roles).toEqual(['clerk']);
    const other = await takeBackup(server, 'app', { scope: part({ tables: ['public.orders'] }) });
    expect(other.outcome.needs.roles).toEqual(['postgres']);
  });

  it('holds no rows when only the schema is asked for, and no definitions when only rows are', async () => {
    const schema = await takeBackup(server, 'app', { scope: { ...wholeScope, kind: 'schema' } });
    expect(await listEntries(server, artifact(schema, 'archive'), 'TABLE DATA')).toEqual([]);
    expect(await listEntries(server, artifact(schema, 'archive'), 'TABLE(?! DATA)')).toContain('public orders');
    const data = await takeBackup(server, 'app', { scope: { ...wholeScope, kind: 'data' } });
    expect(await listEntries(server, artifact(data, 'archive'), 'TABLE(?! DATA)')).toEqual([]);
    expect(await listEntries(server, artifact(data, 'archive'), 'TABLE DATA')).toContain('public orders');
    expect(data.outcome.needs).toEqual({ roles: [], tablespaces: [], extensions: [] });
  });
});
