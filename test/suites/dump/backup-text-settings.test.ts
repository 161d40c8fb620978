/** Settings of a role or database that change how values are written must not change what a backup and its proof say. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { compareFingerprints } from '../../../src/domain/compare-fingerprints.ts';
import { readRestoredFingerprint } from '../../../src/engine/postgres/fingerprint/restored-fingerprint.ts';
import { addressOf, quietWork, restoreArchive } from '../../harness/fingerprinted-dump.ts';
import { startPostgres } from '../../harness/postgres-server.ts';
import { makeTestDirectory } from '../../harness/temporary.ts';
import { artifact, takeBackup } from './take-backup.ts';

it('a backup is the same to the hash whatever the time zone, the form of bytea, dates and names by default', async () => {
  await using server = await startPostgres({ settings: { timezone: 'Asia/Kolkata', datestyle: 'German, DMY' } });
  await using directory = await makeTestDirectory('settings');
  await server.createDatabase('app');
  await server.psql(
    `CREATE TABLE t (at timestamptz, span interval, bytes bytea, n float8, class regclass);
     INSERT INTO t VALUES ('2026-03-29 01:30:00+00', '1 day 24 hours', '\\x00ff5c', 0.1::float8 + 0.2, 't');
     ALTER DATABASE app SET bytea_output = 'escape'; ALTER DATABASE app SET intervalstyle = 'sql_standard';
     ALTER DATABASE app SET extra_float_digits = -3; ALTER DATABASE app SET quote_all_identifiers = on;
     ALTER ROLE postgres IN DATABASE app SET timezone = 'America/St_Johns'`,
    'app',
  );
  const taken = await takeBackup(server, 'app', { fingerprint: 'independent' });
  const { fingerprint } = taken.outcome;
  if (fingerprint === null) throw new Error('there is no fingerprint');
  const path = join(directory.path, 'app.dump');
  await writeFile(path, artifact(taken, 'archive'));
  await restoreArchive(server, path, 'copy');
  const copy = await readRestoredFingerprint(addressOf(server, 'copy'), fingerprint, quietWork);
  expect(compareFingerprints(fingerprint, copy, { owners: true, privileges: true }).differences).toEqual([]);
  expect(await server.psql(`SELECT (t.*)::text FROM t`, 'copy')).toContain('29.03.2026 07:00:00 IST');
});
