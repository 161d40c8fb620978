import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPostgres, type TestServer } from '../../harness/postgres-server.ts';
import { runPgRestore, withoutRestrictKey } from './archive-tools.ts';
import { artifact, takeBackup } from './take-backup.ts';

const oddName = 'My "odd" db=1';
let server: TestServer;

beforeAll(async () => {
  server = await startPostgres();
  await server.createDatabase(oddName);
  await server.psql(
    `CREATE ROLE "odd ""role""" LOGIN PASSWORD 'x';
     CREATE SCHEMA "S p";
     CREATE TABLE "S p"."T ""q""" ("a b" int PRIMARY KEY, "select" text);
     INSERT INTO "S p"."T ""q""" SELECT g, repeat(chr(64 + g % 50), 300) || E'\\\\\\t' FROM generate_series(1, 20000) g;
     ALTER TABLE "S p"."T ""q""" OWNER TO "odd ""role""";
     CREATE VIEW v AS SELECT 1 AS x;
     GRANT SELECT ON v TO "odd ""role""";
     SELECT lo_from_bytea(0, '\\x010203')`,
    oddName,
  );
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

describe('a backup of a whole database', () => {
  it('gives every format from one archive, and the server-wide roles beside it', async () => {
    const connections: string[] = [];
    const taken = await takeBackup(server, oddName, {
      formats: ['custom', 'sql.zst', 'sql.gz'],
      onChunk: async (spec, bytes) => {
        if (spec.role !== 'archive' || bytes < 1_000_000 || connections.length > 0) return;
        connections.push(
          await server.psql(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'holdfast' AND query LIKE 'COPY %'",
          ),
        );
      },
    });
    expect(connections).toEqual(['1']);
    const archive = artifact(taken, 'archive');
    const stock = await runPgRestore(server, archive, ['--file=-']);
    expect(withoutRestrictKey(artifact(taken, 'sql').toString())).toBe(withoutRestrictKey(stock));
    expect(artifact(taken, 'globals').toString()).toMatch(/CREATE ROLE "odd ""role""";[^]*PASSWORD 'SCRAM/);
    await server.createDatabase('back');
    await runPgRestore(server, archive, ['--exit-on-error', '--dbname=back']);
    const sum = 'SELECT count(*), md5(string_agg(t::text, \',\' ORDER BY "a b")) FROM "S p"."T ""q""" t';
    expect(await server.psql(sum, 'back')).toBe(await server.psql(sum, oddName));
  });

  it('says where it came from and what it needs', async () => {
    const { outcome } = await takeBackup(server, oddName);
    expect(outcome.kind).toBe('dump');
    expect(outcome.fingerprint).toBeNull();
    expect(outcome.findings).toEqual([]);
    expect(outcome.needs).toEqual({ roles: ['odd "role"', 'postgres'], tablespaces: [], extensions: [] });
    expect(outcome.origin).toMatchObject({ product: 'PostgreSQL', databaseName: oddName, majorVersion: server.major });
    expect(outcome.origin.tool).toBe(`pg_dump ${outcome.origin.version}`);
  });

  it('leaves owners and privileges out on request', async () => {
    const taken = await takeBackup(server, oddName, {
      formats: ['custom', 'sql.zst'],
      owners: false,
      privileges: false,
    });
    expect(artifact(taken, 'sql').toString()).not.toMatch(/OWNER TO|GRANT/);
    expect(taken.outcome.needs.roles).toEqual([]);
  });

  it('keeps only SQL when only SQL is asked for', async () => {
    const taken = await takeBackup(server, oddName, { formats: ['sql.gz'] });
    expect([...taken.artifacts.keys()].toSorted()).toEqual(['globals', 'sql']);
    expect(artifact(taken, 'sql').toString()).toContain('-- PostgreSQL database dump complete');
  });

  it('holds large objects', async () => {
    const taken = await takeBackup(server, oddName);
    expect(await runPgRestore(server, artifact(taken, 'archive'), ['--list'])).toContain(' BLOBS ');
  });
});
