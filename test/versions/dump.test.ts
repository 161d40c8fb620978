/** Backups from each tested server version, with the client tools of that version: every format, every fingerprint. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEveryObjectRoles, loadEveryObject } from '../harness/every-object.ts';
import { startPostgres, type TestServer } from '../harness/postgres-server.ts';
import { testedMajors } from '../harness/server-binaries.ts';
import { runPgRestore, withoutRestrictKey } from '../suites/dump/archive-tools.ts';
import { artifact, takeBackup } from '../suites/dump/take-backup.ts';

describe.each(testedMajors())('a backup of PostgreSQL %i', (major) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startPostgres({ major, settings: major >= 17 ? { transaction_timeout: '2s' } : {} });
    await server.psql('CREATE ROLE reader LOGIN');
    if (major >= 15) {
      await createEveryObjectRoles(server);
      await loadEveryObject(server, 'app');
    } else {
      await server.createDatabase('app');
      await server.psql(
        `CREATE TABLE a (id serial PRIMARY KEY, v text, n numeric); INSERT INTO a (v, n) SELECT g::text, g / 10.0 FROM generate_series(1, 1000) g;
         CREATE MATERIALIZED VIEW m AS SELECT count(*) FROM a; SELECT lo_from_bytea(0, '\\x0102')`,
        'app',
      );
    }
    await server.psql('GRANT CONNECT ON DATABASE app TO reader');
    await server.psql(
      'CREATE TABLE big AS SELECT g AS id, repeat(md5(g::text), 20) AS v FROM generate_series(1, 30000) g',
      'app',
    );
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });

  it('has every format and agrees with itself in every mode', async () => {
    const content = await takeBackup(server, 'app', {
      formats: ['custom', 'sql.zst', 'sql.gz'],
      fingerprint: 'content',
    });
    const stock = await runPgRestore(server, artifact(content, 'archive'), ['--file=-']);
    expect(withoutRestrictKey(artifact(content, 'sql').toString())).toBe(withoutRestrictKey(stock));
    expect(content.outcome.origin.majorVersion).toBe(major);
    expect(content.outcome.origin.tool).toMatch(new RegExp(`^pg_dump ${String(major)}\\.`));
    const independent = await takeBackup(server, 'app', { fingerprint: 'independent' });
    expect(independent.outcome.fingerprint?.tables).toEqual(content.outcome.fingerprint?.tables);
    expect(independent.outcome.fingerprint?.largeObjects).toEqual(content.outcome.fingerprint?.largeObjects);
  });

  it('survives the server’s limits on how long a transaction may last or idle', async () => {
    await server.psql(
      "ALTER DATABASE app SET idle_in_transaction_session_timeout = '200ms'; ALTER DATABASE app SET statement_timeout = '300ms'",
    );
    const taken = await takeBackup(server, 'app', {
      fingerprint: 'content',
      onChunk: (spec, bytes) =>
        spec.role === 'archive' && bytes < 700_000 ? new Promise((resolve) => setTimeout(resolve, 100)) : undefined,
    });
    expect(taken.outcome.fingerprint?.tables.find((table) => table.table === 'big')?.rows).toBe(30_000);
  });

  it('says what an ordinary user may not read', async () => {
    const url = server.socketUrl('app').replace('postgres@', 'reader@');
    await expect(takeBackup(server, 'app', { url })).rejects.toMatchObject({
      code: 'not-ready-for-backup',
      hint: expect.stringContaining(major >= 14 ? 'GRANT pg_read_all_data TO "reader"' : 'GRANT') as unknown,
    });
  });
});
