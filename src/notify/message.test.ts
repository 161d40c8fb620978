import { describe, expect, it } from 'vitest';
import { restoreDeeds, runVerbs, type RunRecord } from '../domain/run.ts';
import { doneRun as done } from '../../test/suites/notify/settings.ts';
import { messageOf } from './message.ts';
import { slackPayload } from './slack/slack-payload.ts';

const failed: RunRecord = {
  ...done,
  backup: null,
  state: null,
  outcome: 'failed',
  exit: 16,
  error: { code: 'server-unreachable', message: 'db1:5432 refuses connections', hint: 'Is the server running?' },
};

describe('messageOf', () => {
  it('says of a success its name, size, duration and state', () => {
    const message = messageOf(done);
    expect(message).toMatchObject({ kind: 'success', title: 'backup of app done on db1', toDo: [] });
    expect(message.happened).toBe('app was backed up in 4.2 s: 57.4 MB became 18.7 MB.');
    expect(Object.fromEntries(message.facts)).toMatchObject({
      database: 'app',
      backup: '20261121T020000Z-dump-k3f9',
      size: '57.4 MB',
      stored: '18.7 MB',
      duration: '4.2 s',
      state: 'stored',
    });
  });

  it('says of a failure what happened, what it means and what to do', () => {
    expect(messageOf(failed)).toMatchObject({
      kind: 'failure',
      title: 'backup of app failed on db1',
      happened: 'Db1:5432 refuses connections.',
      means: 'There is no new backup. Earlier ones are as they were.',
      toDo: ['Is the server running?'],
    });
  });

  it('says of a damaged database whether anything of it was saved', () => {
    expect(messageOf({ ...failed, exit: 15 }).means).toMatch(/^The database itself is damaged: there is no new backup/);
    expect(messageOf({ ...done, outcome: 'failed', exit: 15 }).means).toMatch(/what still read/);
  });

  it('says of warnings which, and what to do about them', () => {
    const finding = { severity: 'warning', code: 'size', message: 'it is small', hint: 'Look at it.' } as const;
    const message = messageOf({
      ...done,
      outcome: 'warnings',
      exit: 3,
      findings: Array.from({ length: 7 }, () => finding),
    });
    expect(message.kind).toBe('warning');
    expect(message.toDo).toHaveLength(6);
    expect(message.toDo[0]).toBe('It is small. Look at it.');
    expect(message.toDo.at(-1)).toBe('And 2 more; the log has them.');
  });

  it.each(runVerbs)('has words for %s, done, failed and damaged', (verb) => {
    const texts = [
      messageOf({ ...done, verb }),
      messageOf({ ...failed, verb }),
      messageOf({ ...failed, verb, exit: 15 }),
      messageOf({ ...failed, verb, outcome: 'interrupted', error: null, database: null }),
    ].map(({ title, happened, means }) => [title, happened, means].join(' '));
    expect(new Set(texts).size).toBe(4);
    for (const text of texts) expect(text).not.toMatch(/undefined|null|\[object/);
  });

  it('gives success and failure of one database the same key, and another database another', () => {
    expect(messageOf(done).key).toBe(messageOf(failed).key);
    expect(messageOf({ ...done, database: 'shop' }).key).not.toBe(messageOf(done).key);
  });

  it('is bounded, however much a server said', () => {
    const message = 'x\n'.repeat(50_000);
    const long = messageOf({ ...failed, error: { code: 'x', message, hint: message } });
    expect(JSON.stringify(long.happened + long.toDo.join('')).length).toBeLessThan(3000);
    for (const block of slackPayload(long)['blocks'] as readonly { text?: { text: string } }[]) {
      expect(block.text?.text.length ?? 0).toBeLessThanOrEqual(3000);
    }
  });
});

it.each(restoreDeeds)('says of a restore what it did: %s', (did) => {
  const said = messageOf({ ...done, verb: 'restore', did });
  expect(said.means).toMatch(
    {
      replaced: /in its place/,
      aside: /beside/,
      tables: /Tables/,
      globals: /No database was touched/,
      undone: /as it was/,
      dropped: /gone/,
    }[did],
  );
  const lost = messageOf({ ...failed, verb: 'restore', did });
  expect(lost.means).toMatch(did === 'dropped' ? /may be gone/ : /No database was removed/);
});

describe('slackPayload', () => {
  it('escapes what Slack would read as a link or a mention', () => {
    const payload = JSON.stringify(slackPayload(messageOf({ ...done, database: '<!channel> & co' })));
    expect(payload).toContain('&lt;!channel&gt; &amp; co');
    expect(payload).not.toContain('<!channel>');
  });
});
