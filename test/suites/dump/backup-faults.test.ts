import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startPostgres, type TestServer } from '../../harness/postgres-server.ts';
import { takeBackup, type BackupTestOptions } from './take-backup.ts';

let server: TestServer;

beforeEach(async () => {
  server = await startPostgres();
  await server.createDatabase('app');
  await server.psql(
    `CREATE TABLE big AS SELECT g AS id, repeat(md5(g::text), 30) AS v FROM generate_series(1, 40000) g;
     CREATE TABLE small (id int)`,
    'app',
  );
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

/** Processes of PostgreSQL's tools that this test run started and that still run. */
function runningTools(): readonly string[] {
  const stats = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return /^(\d+) \((pg_dump|pg_dumpall|pg_restore)\) (\w) (\d+) /.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'));
      } catch {
        // It ended while we looked.
        return null;
      }
    });
  return stats
    .filter((stat) => stat !== null && stat[3] !== 'Z' && stat[4] === String(process.pid))
    .map((stat) => stat?.[1] ?? '');
}

/** Takes a backup and does something once, in the middle of pg_dump's output. */
async function disturbed(act: () => void | Promise<void>, options: BackupTestOptions = {}): Promise<unknown> {
  let isDone = false;
  return takeBackup(server, 'app', {
    fingerprint: 'content',
    ...options,
    onChunk: async (spec, bytes) => {
      if (
        isDone ||
        spec.role !== (options.formats?.includes('custom') === false ? 'sql' : 'archive') ||
        bytes < 3_000_000
      )
        return;
      isDone = true;
      await act();
    },
  });
}

async function expectNothingLeft(): Promise<void> {
  expect(runningTools()).toEqual([]);
  // A server session ends a moment after its connection.
  for (let tries = 0; tries < 50; tries++) {
    const left = await server.psql("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'holdfast%'");
    if (left === '0') return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect.fail('sessions of the backup are still there');
}

describe('a backup fails as a whole, and leaves nothing running', () => {
  it.each([['SIGTERM'], ['SIGKILL']] as const)('when pg_dump is ended by %s', async (signal) => {
    const failure = disturbed(() => {
      for (const pid of runningTools()) process.kill(Number(pid), signal);
    });
    await expect(failure).rejects.toMatchObject({
      code: 'dump-failed',
      message: expect.stringMatching(signal === 'SIGKILL' ? /signal SIGKILL/ : /terminated by user/) as unknown,
    });
    await expectNothingLeft();
  });

  it('when the pg_restore that writes SQL is killed', async () => {
    const failure = disturbed(
      () => {
        const restore = runningTools().filter((pid) =>
          readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('pg_restore'),
        );
        expect(restore.length).toBe(1);
        for (const pid of restore) process.kill(Number(pid), 'SIGKILL');
      },
      { formats: ['custom', 'sql.zst'] },
    );
    await expect(failure).rejects.toMatchObject({ code: 'sql-failed' });
    await expectNothingLeft();
  });

  it('when the session that holds the snapshot is terminated', async () => {
    const failure = disturbed(async () => {
      const ended = await server.psql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'holdfast snapshot'",
      );
      expect(ended).toBe('t');
      await new Promise((resolve) => setTimeout(resolve, 50));
    });
    await expect(failure).rejects.toMatchObject({ code: 'server-gone', exit: 16 });
    await expectNothingLeft();
  });

  it('when pg_dump’s own session is terminated', async () => {
    const failure = disturbed(async () => {
      await server.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'holdfast'");
    });
    await expect(failure).rejects.toMatchObject({ code: 'server-gone' });
    await expectNothingLeft();
  });

  it('when the server dies', async () => {
    const failure = disturbed(() => server.kill9());
    await expect(failure).rejects.toMatchObject({ code: 'server-gone' });
    expect(runningTools()).toEqual([]);
  });

  it.each([['custom'], ['sql.zst']] as const)('when the store is full while %s is written', async (format) => {
    const full = new Error('no space left');
    const failure = disturbed(
      () => {
        throw full;
      },
      { formats: [format] },
    );
    await expect(failure).rejects.toBe(full);
    await expectNothingLeft();
  });

  it('when it is interrupted', async () => {
    const control = new AbortController();
    const reason = new Error('interrupted');
    const failure = disturbed(
      () => {
        control.abort(reason);
      },
      { signal: control.signal, formats: ['custom', 'sql.gz'] },
    );
    await expect(failure).rejects.toBe(reason);
    await expectNothingLeft();
  });
});
