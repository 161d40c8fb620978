/** Receivers that hang: nobody waits for them longer than the deadline, and nothing of ours stays behind. */

import { describe, expect, test } from 'vitest';
import type { Channel, Subscription } from '../../../src/notify/channel.ts';
import { emailChannel } from '../../../src/notify/email/email-channel.ts';
import { messageOf } from '../../../src/notify/message.ts';
import { pingChannel } from '../../../src/notify/ping/ping-channel.ts';
import { slackChannel } from '../../../src/notify/slack/slack-channel.ts';
import { tellAll, tellBeginning, tellSubscribers } from '../../../src/notify/tell.ts';
import { wallClock } from '../../../src/system/wall-clock.ts';
import { makeRecordingProgram } from '../../harness/recording-program.ts';
import { startHangingReceiver, startHttpReceiver, type Hang, type Scheme } from '../../harness/receivers.ts';
import { makeTestDirectory } from '../../harness/temporary.ts';
import { doneRun, failedRun, secretOf } from './settings.ts';

const deadlineMs = 600;

function mailTo(smtp: string | null, sendmail: string | null = null): Channel {
  return emailChannel({
    to: secretOf('a@b.example'),
    from: null,
    smtp: smtp === null ? null : secretOf(smtp),
    sendmail,
  });
}

function subscribed(channel: Channel, rules: Partial<Subscription> = {}): Subscription {
  return { channel, on: ['success', 'warning', 'failure'], verbs: null, databases: null, ...rules };
}

/** Handles of this process that a hanging connection would keep. */
function openSockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap' || name === 'TCPConnectWrap')
    .length;
}

describe.each<Hang>(['accepts and never answers', 'never accepts', 'drips bytes for ever'])(
  'a receiver that %s',
  (how) => {
    test.each<Scheme>(['http', 'smtp', 'smtps'])('by %s is left at the deadline', async (scheme) => {
      await using receiver = await startHangingReceiver(how, scheme);
      const before = openSockets();
      const address = `${scheme}://127.0.0.1:${String(receiver.port)}`;
      const channel = scheme === 'http' ? slackChannel(secretOf(address)) : mailTo(address);
      const begunMs = wallClock.monotonicMs();
      const [told] = await tellAll([channel], messageOf(doneRun), deadlineMs);
      const tookMs = wallClock.monotonicMs() - begunMs;
      expect(told?.failure?.message).toBe('no answer within 0.6 s');
      expect(tookMs).toBeGreaterThanOrEqual(deadlineMs - 5);
      expect(tookMs).toBeLessThan(deadlineMs + 500);
      await expect.poll(openSockets).toBeLessThanOrEqual(before);
    });
  },
);

test('a sendmail that hangs and does not heed SIGTERM is killed at the deadline', async () => {
  await using folder = await makeTestDirectory('sendmail');
  const program = await makeRecordingProgram(folder.path, 'sendmail', "trap '' TERM; while :; do sleep 0.1; done");
  const begunMs = wallClock.monotonicMs();
  const [told] = await tellAll([mailTo(null, program.path)], messageOf(doneRun), deadlineMs);
  expect(told?.failure?.message).toBe('no answer within 0.6 s');
  expect(wallClock.monotonicMs() - begunMs).toBeLessThan(deadlineMs + 1000);
});

test('one that hangs keeps no other from being told, and all have one deadline together', async () => {
  await using hanging = await startHangingReceiver('accepts and never answers');
  await using receiver = await startHttpReceiver();
  const address = secretOf(`http://127.0.0.1:${String(hanging.port)}/`, 'HANGING');
  const channels = [slackChannel(address), slackChannel(secretOf(receiver.url)), pingChannel(address)];
  const begunMs = wallClock.monotonicMs();
  const findings = await tellSubscribers(
    channels.map((one) => subscribed(one)),
    messageOf(doneRun),
    deadlineMs,
  );
  expect(wallClock.monotonicMs() - begunMs).toBeLessThan(deadlineMs + 500);
  expect(receiver.requests).toHaveLength(1);
  expect(findings.map(({ severity, code, message }) => `${severity} ${code}: ${message}`)).toEqual([
    'warning message-not-sent: slack (HANGING) was not told: no answer within 0.6 s',
    'warning message-not-sent: ping (HANGING) was not told: no answer within 0.6 s',
  ]);
});

test('a beginning that hangs is let go of when the run ends', async () => {
  await using hanging = await startHangingReceiver('accepts and never answers');
  const channel = pingChannel(secretOf(`http://127.0.0.1:${String(hanging.port)}/`));
  const begunMs = wallClock.monotonicMs();
  const beginning = tellBeginning([subscribed(channel)], doneRun, 60_000);
  expect(await beginning.end()).toEqual([]);
  expect(wallClock.monotonicMs() - begunMs).toBeLessThan(1000);
});

describe('who is told', () => {
  test.each([
    ['all', {}, ['success', 'failure']],
    ['only failures', { on: ['failure'] }, ['failure']],
    ['another verb', { verbs: ['drill'] }, []],
    ['another database', { databases: ['shop'] }, []],
    ['this database', { databases: ['app'] }, ['success', 'failure']],
  ] as const)('%s', async (_name, rules, expected) => {
    const sent: string[] = [];
    const channel: Channel = {
      label: 'a channel',
      send: async ({ kind }) => {
        sent.push(kind);
        return Promise.resolve();
      },
    };
    for (const run of [doneRun, failedRun]) await tellSubscribers([subscribed(channel, rules)], messageOf(run));
    expect(sent).toEqual(expected);
  });
});
