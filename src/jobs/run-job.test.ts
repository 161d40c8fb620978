import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { declareErrors, HoldfastError, type ExitCode } from '../domain/error.ts';
import type { Finding } from '../domain/finding.ts';
import { messageKinds } from '../domain/message-kind.ts';
import type { Channel } from '../notify/channel.ts';
import { notifyErrors } from '../notify/errors.ts';
import type { Message } from '../notify/message.ts';
import { wallClock } from '../system/wall-clock.ts';
import { runJob, type Job, type JobTools, type OpenRun } from './run-job.ts';
import { readRuns } from './run-journal.ts';

const errors = declareErrors({
  broken: { exit: 1, meaning: 'x', remedy: 'Mend it.' },
  stopped: { exit: 130, meaning: 'x', remedy: 'x' },
  unknown: { exit: 2, meaning: 'x', remedy: 'x' },
  declined: { exit: 1, meaning: 'x', remedy: 'x' },
});
const warning: Finding = { severity: 'warning', code: 'odd', message: 'it is odd', hint: '' };

let folder = '';
let told: Message[] = [];
let said: Finding[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-job-'));
  told = [];
  said = [];
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const listening: Channel = {
  label: 'a channel',
  send: async (message) => {
    told.push(message);
    return Promise.resolve();
  },
};
const failing: Channel = {
  label: 'a broken channel',
  send: async () => Promise.reject(notifyErrors.make('message-not-sent', 'nobody is there')),
};

function toolsWith(channel: Channel): JobTools {
  return {
    clock: wallClock,
    host: 'db1',
    writer: 'holdfast 0.1.0',
    stateDirectory: folder,
    random: () => 'aaaa',
    subscriptions: [{ channel, on: messageKinds, verbs: null, databases: null }],
    metricsFile: null,
    retentionDays: null,
  };
}

interface Ended {
  readonly exit: ExitCode | null;
  readonly error: HoldfastError | null;
  readonly outcome: string | undefined;
}

async function runWith(
  action: (run: OpenRun) => ExitCode,
  { channel = listening, isWatched = false }: { readonly channel?: Channel; readonly isWatched?: boolean } = {},
): Promise<Ended> {
  const job: Job = {
    verb: 'backup',
    database: 'app',
    repository: '/srv/backups',
    errorOf: (thrown) => (thrown instanceof HoldfastError ? thrown : errors.make('broken', 'unexpected')),
    isRefusal: ({ code }) => code === 'declined',
    isWatched,
    say: (finding) => {
      said.push(finding);
    },
    report: () => undefined,
  };
  let exit: ExitCode | null = null;
  let error: HoldfastError | null = null;
  try {
    exit = await runJob(job, toolsWith(channel), async (run) => Promise.resolve(action(run)));
  } catch (thrown) {
    if (!(thrown instanceof HoldfastError)) throw thrown;
    error = thrown;
  }
  const [run] = await readRuns(folder, { clock: wallClock, host: 'db1' });
  return { exit, error, outcome: run?.outcome };
}

function failWith(code: keyof typeof errors.catalogue): () => ExitCode {
  return () => {
    throw errors.make(code, code);
  };
}

describe('a run that does what it should', () => {
  it('is done, and told with what it learned', async () => {
    const ended = await runWith((run) => {
      run.learn({ backup: 'the id', plainBytes: 5000, storedBytes: 1000, state: 'stored' });
      return 0;
    });
    expect(ended).toEqual({ exit: 0, error: null, outcome: 'done' });
    expect(told).toMatchObject([{ kind: 'success', run: { backup: 'the id', database: 'app', storedBytes: 1000 } }]);
  });

  it('ends with 3 when there was something to weigh', async () => {
    const ended = await runWith((run) => {
      run.weigh(warning);
      return 0;
    });
    expect(ended).toEqual({ exit: 3, error: null, outcome: 'warnings' });
    expect(told).toMatchObject([{ kind: 'warning', toDo: ['It is odd.'] }]);
  });

  it('ends with 3 when somebody could not be told, and says so once', async () => {
    expect(await runWith(() => 0, { channel: failing })).toEqual({ exit: 3, error: null, outcome: 'warnings' });
    expect(said.map(({ message }) => message)).toEqual(['a broken channel was not told: nobody is there']);
  });

  it('has its end in the journal before anybody is told', async () => {
    const seen: (string | undefined)[] = [];
    const looking: Channel = {
      label: 'x',
      send: async () => {
        seen.push((await readRuns(folder, { clock: wallClock, host: 'db1' }))[0]?.outcome);
      },
    };
    await runWith(() => 0, { channel: looking });
    expect(seen).toEqual(['done']);
  });

  it('is no failure because its journal cannot be written', async () => {
    await writeFile(join(folder, 'runs'), 'in the way');
    const job = runWith(() => 0);
    await expect(job).rejects.toThrow(/ENOTDIR/);
    expect(told).toMatchObject([{ kind: 'warning' }]);
    expect(said.map(({ code }) => code)).toEqual(['journal-not-written']);
  });
});

describe('a run that fails', () => {
  it('throws what stopped it, and tells it', async () => {
    const ended = await runWith(failWith('broken'));
    expect(ended).toMatchObject({ error: { code: 'broken' }, outcome: 'failed' });
    expect(told).toMatchObject([{ kind: 'failure', happened: 'Broken.', toDo: ['Mend it.'] }]);
  });

  it('is not another failure when nobody can be told', async () => {
    expect(await runWith(failWith('broken'), { channel: failing })).toMatchObject({
      error: { code: 'broken', exit: 1 },
      outcome: 'failed',
    });
    expect(said).toHaveLength(1);
  });

  it.each([
    ['declined', false, 'refused', 0],
    ['declined', true, 'refused', 0],
    ['unknown', false, 'failed', 1],
    ['unknown', true, 'refused', 0],
    ['stopped', false, 'interrupted', 1],
    ['stopped', true, 'interrupted', 0],
    ['broken', true, 'failed', 1],
  ] as const)('by "%s" (somebody sits there: %s) is %s, and told to %d', async (code, isWatched, outcome, messages) => {
    expect(await runWith(failWith(code), { isWatched })).toMatchObject({ error: { code }, outcome });
    expect(told).toHaveLength(messages);
  });
});
