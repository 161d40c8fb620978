/** Completion: what stands where, without a network or a server, and in a real bash. */

import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findCandidates } from '../../src/cli/complete/candidates.ts';
import { verbs } from '../../src/cli/verbs.ts';
import { wallClock } from '../../src/system/wall-clock.ts';
import { runHoldfast } from '../harness/cli.ts';
import { makeNotes, type NotesRepository } from '../harness/notes-repository.ts';
import { putHoldfast, typeInto } from '../harness/shell-session.ts';

let notes: NotesRepository;
let older: string;
let newer: string;

beforeAll(async () => {
  notes = await makeNotes('complete');
  older = await notes.backUp();
  newer = await notes.backUp();
});

afterAll(async () => {
  await notes[Symbol.asyncDispose]();
});

/** Candidates without their descriptions. */
async function complete(...words: readonly string[]): Promise<readonly string[]> {
  const place = { environment: {}, cwd: notes.options.cwd, clock: wallClock };
  return (await findCandidates(words, place)).map(({ value }) => value);
}

describe('a word completes to', () => {
  test('every verb', async () => {
    expect(await complete('')).toEqual(verbs.map(({ name }) => name));
    expect(await complete('he')).toEqual(['health']);
    expect(await complete('--json', 'sta')).toEqual(['status']);
  });

  test('the flags of the verb, its own and the common ones', async () => {
    expect(await complete('drill', '--r')).toEqual(['--random', '--repository']);
    expect(await complete('health', 'notes', '--m')).toEqual(['--max-age', '--min-count', '--max-proof-age']);
  });

  test('the database, and the backups where it is the only one, newest first', async () => {
    expect(await complete('status', '')).toEqual(['notes']);
    expect(await complete('show', '')).toEqual(['notes', 'latest', newer, older]);
    expect(await complete('restore', 'notes', '')).toEqual(['latest', newer, older]);
    expect(await complete('show', older.slice(0, -2))).toEqual([older]);
    expect(await complete('show', 'notes', older, '')).toEqual([]);
  });

  test('the words of a usage', async () => {
    expect(await complete('completion', '')).toEqual(['bash', 'zsh', 'fish']);
    expect(await complete('export', 'c')).toEqual(['cron']);
    expect(await complete('export', 'cron', '')).toEqual(['notes']);
  });

  test('files and folders, by the shell, for flags that take them', async () => {
    expect(await complete('list', '--config', '')).toEqual([':files']);
    expect(await complete('list', '--repository', './')).toEqual([':folders']);
    expect(await complete('--repository', '')).toEqual([':folders']);
    expect(await complete('list', '--limit', '')).toEqual([]);
  });

  test('what the flags before it say, whichever way bash cuts them', async () => {
    expect(await complete('show', '--repository', 'nowhere', '')).toEqual(['notes']);
    expect(await complete('show', '--repository=nowhere', '')).toEqual(['notes']);
    expect(await complete('show', '--repository', '=', 'nowhere', '')).toEqual(['notes']);
  });
});

test('the names of holdfast.yaml complete, and nothing that it names is run', async () => {
  const yaml = join(notes.options.cwd, 'holdfast.yaml');
  const trap = join(notes.options.cwd, 'was-run');
  await writeFile(
    yaml,
    `databases:\n  shop:\n    urlCommand: touch ${trap}; sleep 60\n  files: {url: file:notes.db}\n`,
  );
  try {
    expect(await complete('backup', '')).toEqual(['shop', 'files', 'notes']);
    expect(await complete('show', 'notes', newer.slice(0, -1))).toEqual([newer]);
    const shown = await runHoldfast(['__complete', 'show', 'sh'], { ...notes.options, timeoutMs: 20_000 });
    expect(shown.stdout).toBe('shop\tdatabase\n');
    await expect(rm(trap)).rejects.toThrow(/ENOENT/);
    await writeFile(yaml, 'databases: [\n');
    const broken = await runHoldfast(['__complete', 'backup', ''], notes.options);
    expect([broken.stdout, broken.stderr]).toEqual(['', '']);
  } finally {
    await rm(yaml);
  }
});

test('a begun backup is none', async () => {
  const folder = join(notes.options.cwd, 'backups/notes/backups/20270101T000000Z-image-aaaa');
  await mkdir(folder);
  expect(await complete('show', '2027')).toEqual([]);
  await rm(folder, { recursive: true });
});

test('a real bash loads it and completes a verb and a backup’s id', async () => {
  const options = await putHoldfast(notes.options);
  const shown = await typeInto(
    'bash --norc --noprofile -i',
    [
      {
        text: 'bind "set bell-style none"; source <(holdfast completion bash); PS1="rea"; PS1+="dy>"',
        keys: [['\r', /ready>/]],
      },
      { text: `holdfast sho`, keys: [['\t', /show /]] },
      {
        text: newer.slice(0, -1),
        keys: [
          ['\t', new RegExp(`${newer} `)],
          ['\r', /ready>/],
        ],
      },
    ],
    options,
  );
  expect(shown).toContain(`ran: show ${newer}`);
});
