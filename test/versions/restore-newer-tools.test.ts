/**
 * Client tools that are newer than the server: pg_restore 17 begins every session with a setting that 16 and older
 * refuse, so the archive goes through psql.
 */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parsePgUrl } from '../../src/engine/postgres/connection/address.ts';
import type { RestoreContext } from '../../src/engine/postgres/restore/context.ts';
import { planRestore } from '../../src/engine/postgres/restore/plan-restore.ts';
import { restoreBeside } from '../../src/engine/postgres/restore/restore-beside.ts';
import { restoreTables } from '../../src/engine/postgres/restore/tables/restore-tables.ts';
import { wallClock } from '../../src/system/wall-clock.ts';
import { serverBinaries } from '../harness/server-binaries.ts';
import { startPostgres, type TestServer } from '../harness/postgres-server.ts';
import { makeTestDirectory, type TestDirectory } from '../harness/temporary.ts';
import { dumpDatabase, quietWork } from '../suites/restore/dumped-backup.ts';

describe('a server of 15 and client tools of 17', () => {
  let server: TestServer;
  let state: TestDirectory;

  beforeAll(async () => {
    server = await startPostgres({ major: 15 });
    state = await makeTestDirectory('newer-tools');
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await state[Symbol.asyncDispose]();
  });

  function context(): RestoreContext {
    return {
      address: parsePgUrl({ url: server.socketUrl('app'), origin: '--url', baseDir: '/', environment: {} }),
      label: 'app',
      clock: wallClock,
      random: () => Math.random().toString(36).slice(2, 8).padEnd(6, 'x'),
      stateDirectory: state.path,
      environment: { HOLDFAST_PG_BIN: serverBinaries(17) },
    };
  }

  it('restore whole, from a file and from the stream, and single tables', async () => {
    await server.createDatabase('app');
    await server.psql(
      `CREATE TABLE t (x serial PRIMARY KEY, y text); INSERT INTO t (y) SELECT repeat('x', 500) FROM generate_series(1, 500)`,
      'app',
    );
    const newer = Object.assign(Object.create(Object.getPrototypeOf(server) as object) as TestServer, server, {
      binDirectory: serverBinaries(17),
    });
    const { source, artifact } = await dumpDatabase(newer, 'app');
    const huge = { ...source, manifest: { ...source.manifest, artifacts: [{ ...artifact, plainBytes: 1e15 }] } };
    for (const [name, from] of [
      ['from_file', source],
      ['from_stream', huge],
    ] as const) {
      const request = { destination: { kind: 'into', name }, owners: true, privileges: true, jobs: null } as const;
      const plan = await planRestore(context(), request, from, quietWork);
      expect(plan.findings.filter(({ severity }) => severity === 'blocking')).toEqual([]);
      await using copy = await restoreBeside(context(), plan, from, quietWork);
      expect(await copy.query('SELECT count(*) FROM t', quietWork)).toEqual([['500']]);
    }
    const request = { tables: ['t'], destination: { kind: 'replace' }, owners: true, privileges: true } as const;
    expect(await restoreTables(context(), request, source, quietWork)).toMatchObject([{ rows: 500, indexes: 1 }]);
  });
});
