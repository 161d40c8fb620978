/** The completion files in real shells that not every machine has. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cliEnvironment, type CliOptions } from '../harness/cli.ts';
import { makeNotes, type NotesRepository } from '../harness/notes-repository.ts';
import { putHoldfast, typeInto } from '../harness/shell-session.ts';

const run = promisify(execFile);
let notes: NotesRepository;
let options: CliOptions;
let id: string;

beforeAll(async () => {
  notes = await makeNotes('shells');
  id = await notes.backUp();
  options = await putHoldfast(notes.options);
});

afterAll(async () => {
  await notes[Symbol.asyncDispose]();
});

test('zsh loads it and completes a verb and a backup’s id', async () => {
  const setup =
    'autoload -Uz compinit; compinit -u -d ./zcompdump; source <(holdfast completion zsh); PS1="rea"; PS1+="dy>"';
  const shown = await typeInto(
    'zsh -f -i',
    [
      { text: setup, keys: [['\r', /ready>/]] },
      { text: 'holdfast sho', keys: [['\t', /show /]] },
      {
        text: id.slice(0, -1),
        keys: [
          ['\t', new RegExp(id)],
          ['\r', /ready>/],
        ],
      },
    ],
    options,
  );
  expect(shown).toContain(`ran: show ${id}`);
});

test('fish loads it and completes a verb and a backup’s id, with descriptions', async () => {
  const env = { ...cliEnvironment(options), TERM: 'dumb' };
  const ask = async (line: string): Promise<readonly string[]> => {
    const script = `holdfast completion fish | source; complete -C '${line}'`;
    const { stdout } = await run('fish', ['--no-config', '-c', script], { cwd: options.cwd, env });
    return stdout.trim().split('\n');
  };
  expect(await ask('holdfast sho')).toEqual(['show\tshow all that is known of a backup']);
  expect(await ask(`holdfast show ${id.slice(0, -1)}`)).toEqual([expect.stringMatching(new RegExp(`^${id}\t`))]);
  expect(await ask('holdfast show ')).toEqual([
    'notes\tdatabase',
    'latest\tthe newest whole backup',
    expect.stringMatching(new RegExp(`^${id}\t`)),
  ]);
  expect(await ask('holdfast show --repository back')).toContainEqual(expect.stringMatching(/^backups\//));
});
