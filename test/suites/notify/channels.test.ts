/** Each channel against a real receiver: what arrives has the form the receiver's documentation asks for. */

import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Channel } from '../../../src/notify/channel.ts';
import { messageOf, testMessage } from '../../../src/notify/message.ts';
import { pagerdutyChannel } from '../../../src/notify/pagerduty/pagerduty-channel.ts';
import { pingChannel } from '../../../src/notify/ping/ping-channel.ts';
import { slackChannel } from '../../../src/notify/slack/slack-channel.ts';
import { tellAll } from '../../../src/notify/tell.ts';
import { webhookChannel } from '../../../src/notify/webhook/webhook-channel.ts';
import { wallClock } from '../../../src/system/wall-clock.ts';
import { startHttpReceiver, type HttpReceiver } from '../../harness/receivers.ts';
import { doneRun, failedRun, secretOf, warnedRun } from './settings.ts';

const { signal } = new AbortController();
let receiver: HttpReceiver;

beforeEach(async () => {
  receiver = await startHttpReceiver();
});

afterEach(async () => {
  await receiver[Symbol.asyncDispose]();
});

function bodies(): readonly Record<string, unknown>[] {
  return receiver.requests.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
}

describe('slack', () => {
  test('gets text and blocks as JSON, at the path of the webhook', async () => {
    const channel = slackChannel(secretOf(`${receiver.url}/services/T000/B000/XXXX`));
    await channel.send(messageOf(failedRun), signal);
    expect(receiver.requests[0]).toMatchObject({ method: 'POST', path: '/services/T000/B000/XXXX' });
    expect(receiver.requests[0]?.headers['content-type']).toMatch(/^application\/json/);
    const [payload] = bodies();
    expect(payload?.['text']).toContain('backup of app failed on db1');
    const said = JSON.stringify(payload?.['blocks']);
    for (const part of ['Db1:5432 refuses connections.', 'There is no new backup.', 'Is the server running?']) {
      expect(said).toContain(part);
    }
  });
});

describe('pagerduty', () => {
  const channel = (opensOn: readonly ('failure' | 'warning')[] = ['failure']): Channel =>
    pagerdutyChannel({ key: secretOf('R0UT1NGKEY'), url: `${receiver.url}/v2/enqueue`, opensOn });

  test('opens an incident at a failure and resolves the same one at the next success', async () => {
    await channel().send(messageOf(failedRun), signal);
    await channel().send(messageOf(doneRun), signal);
    const [opened, resolved] = bodies();
    expect(opened).toMatchObject({
      routing_key: 'R0UT1NGKEY',
      event_action: 'trigger',
      dedup_key: 'holdfast:backup:app',
      payload: { source: 'db1', severity: 'critical', timestamp: failedRun.finished },
    });
    expect((opened?.['payload'] as { summary: string }).summary).toMatch(/^backup of app failed on db1: Db1/);
    expect(resolved).toEqual({
      routing_key: 'R0UT1NGKEY',
      event_action: 'resolve',
      dedup_key: 'holdfast:backup:app',
    });
  });

  test('takes a warning for a success unless it is to open one', async () => {
    await channel().send(messageOf(warnedRun), signal);
    await channel(['failure', 'warning']).send(messageOf(warnedRun), signal);
    expect(bodies().map((body) => body['event_action'])).toEqual(['resolve', 'trigger']);
  });

  test('leaves no incident behind after a test', async () => {
    await channel().send(testMessage({ id: 'x', host: 'db1', time: doneRun.finished }), signal);
    expect(bodies().map((body) => body['event_action'])).toEqual(['trigger', 'resolve']);
    expect(new Set(bodies().map((body) => body['dedup_key'])).size).toBe(1);
  });
});

test('webhook: the receiver can tell by the signature who sent it, that nothing was changed, and when', async () => {
  const options = { url: secretOf(`${receiver.url}/hook`), secret: secretOf('shared secret'), clock: wallClock };
  await webhookChannel(options).send(messageOf(doneRun), signal);
  const [request] = receiver.requests;
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature } = request?.headers ?? {};
  const signed = `${String(id)}.${String(timestamp)}.${request?.body ?? ''}`;
  expect(signature).toBe(`v1,${createHmac('sha256', 'shared secret').update(signed).digest('base64')}`);
  expect(id).toBe(doneRun.id);
  expect(Math.abs(Number(timestamp) - wallClock.now().getTime() / 1000)).toBeLessThan(60);
  expect(bodies()[0]).toMatchObject({
    type: 'run',
    kind: 'success',
    run: { verb: 'backup', database: 'app', plainBytes: 57_400_000, outcome: 'done' },
  });
});

describe('ping', () => {
  test('tells beginning, success and failure at the addresses that Healthchecks has for them', async () => {
    const channel = pingChannel(secretOf(`${receiver.url}/ping/uuid/?create=1`));
    await channel.begin?.(doneRun, signal);
    await channel.send(messageOf(doneRun), signal);
    await channel.send(messageOf(warnedRun), signal);
    await channel.send(messageOf(failedRun), signal);
    await channel.send(testMessage({ id: 'x', host: 'db1', time: doneRun.finished }), signal);
    expect(receiver.requests.map(({ path }) => path)).toEqual([
      '/ping/uuid/start?create=1',
      '/ping/uuid?create=1',
      '/ping/uuid?create=1',
      '/ping/uuid/fail?create=1',
      '/ping/uuid/log?create=1',
    ]);
    expect(receiver.requests[3]?.body).toMatch(/^backup of app failed on db1\nDb1:5432 refuses connections\.\n/);
  });
});

describe('a receiver that does not take the message', () => {
  test.each([302, 404, 500])('answers %d, which is told without its address', async (status) => {
    await using refusing = await startHttpReceiver(status);
    const channel = slackChannel(secretOf(`${refusing.url}/services/s3cret`, 'SLACK_WEBHOOK in .env'));
    const [told] = await tellAll([channel], messageOf(doneRun));
    expect(told?.failure?.message).toBe(`the receiver answered ${String(status)}`);
    expect(refusing.requests).toHaveLength(1);
  });

  test.each([
    ['http://127.0.0.1:1/s3cret', 'the receiver refuses connections'],
    [
      'http://no-such-host.invalid/s3cret',
      /^(?:there is no such host|the name of the receiver cannot be looked up now)$/,
    ],
    ['htps://s3cret', 'the test is not an http or https address'],
    ['s3cret', 'the test is not an http or https address'],
  ])('%s', async (url, says) => {
    const [told] = await tellAll([slackChannel(secretOf(url))], messageOf(doneRun));
    expect(told?.failure?.message).toMatch(says);
    expect(JSON.stringify(told?.failure)).not.toContain('s3cret');
  });
});
