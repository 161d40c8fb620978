/** The real program tells people: what arrives, what it costs when nobody takes it, and that it never shows a secret. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { wallClock } from '../../src/system/wall-clock.ts';
import { runHoldfast, startHoldfast, type CliOptions, type CliResult } from '../harness/cli.ts';
import { startMailReceiver } from '../harness/mail-receiver.ts';
import { makeNotes } from '../harness/notes.ts';
import { makeRecordingProgram } from '../harness/recording-program.ts';
import { startHangingReceiver, startHttpReceiver, type HttpReceiver } from '../harness/receivers.ts';
import { filesHolding, holds } from '../harness/secrets.ts';
import { makeTestDirectory, type TestDirectory } from '../harness/temporary.ts';

const names = {
  slack: 'MY_SLACK',
  webhook: 'MY_HOOK',
  secret: 'MY_SECRET',
  pagerduty: 'MY_KEY',
  ping: 'MY_PING',
  smtp: 'MY_SMTP',
};
const notExisting = { DATABASE_URL: 'file:gone.db' };
let directory: TestDirectory;
let receiver: HttpReceiver;

beforeEach(async () => {
  directory = await makeTestDirectory('messages');
  receiver = await startHttpReceiver();
  makeNotes(directory.path);
});

afterEach(async () => {
  await receiver[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

async function write(name: string, content: string): Promise<void> {
  await writeFile(join(directory.path, name), content);
}

function options(env: Readonly<Record<string, string>> = {}): CliOptions {
  return { cwd: directory.path, env: { DATABASE_URL: 'file:notes.db', ...env } };
}

async function holdfast(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CliResult> {
  return runHoldfast(args, options(env));
}

/** Every channel, all secrets by name. */
async function writeAllChannels(pagerdutyUrl: string): Promise<void> {
  await write(
    'holdfast.yaml',
    `notify:
  - {kind: slack, urlEnv: ${names.slack}}
  - {kind: webhook, urlEnv: ${names.webhook}, secretEnv: ${names.secret}}
  - {kind: pagerduty, keyEnv: ${names.pagerduty}, url: '${pagerdutyUrl}/pagerduty'}
  - {kind: ping, urlEnv: ${names.ping}}
  - {kind: email, to: ops@example.org, smtpEnv: ${names.smtp}}
`,
  );
}

function channelSecrets(url: string, mailPort: number): Record<string, string> {
  return {
    [names.slack]: `${url}/slack/S3CRETslack`,
    [names.webhook]: `${url}/webhook?token=S3CRETquery`,
    [names.secret]: 'S3CRETsigning',
    [names.pagerduty]: 'S3CRETrouting',
    [names.ping]: `${url}/ping/S3CRETuuid`,
    [names.smtp]: `smtp://me:S3CRETsmtp@127.0.0.1:${String(mailPort)}`,
  };
}

test('success and failure of one database reach every channel', async () => {
  await using mail = await startMailReceiver({ login: { user: 'me', password: 'S3CRETsmtp' } });
  await writeAllChannels(receiver.url);
  const env = channelSecrets(receiver.url, mail.port);
  const good = await holdfast(['backup'], env);
  expect(good.code, good.stdout + good.stderr).toBe(0);
  const bad = await holdfast(['backup', 'notes'], { ...env, ...notExisting });
  expect(bad.code).not.toBe(0);

  const slack = receiver.at('/slack').map(({ body }) => body);
  expect(slack[0]).toMatch(/backup of notes done on /);
  expect(slack[0]).toMatch(/MB became/);
  expect(slack[1]).toMatch(/backup of .* failed on .*There is no new backup/);
  expect(receiver.at('/ping').map(({ path }) => path)).toEqual([
    '/ping/S3CRETuuid/start',
    '/ping/S3CRETuuid',
    '/ping/S3CRETuuid/start',
    '/ping/S3CRETuuid/fail',
  ]);
  expect(receiver.at('/webhook')).toHaveLength(2);
  const events = receiver.at('/pagerduty').map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  expect(events.map((event) => event['event_action'])).toEqual(['resolve', 'trigger']);
  expect(mail.mails.map(({ source }) => /^Subject: (.*)\r$/m.exec(source)?.[1])).toEqual([
    expect.stringMatching(/^\[holdfast\] backup of notes done on /),
    expect.stringMatching(/^\[holdfast\] backup of .* failed on /),
  ]);
});

test.each(['SLACK_WEBHOOK_URL', 'SLACK_WEBHOOK'])('%s alone is enough, and a drill is told too', async (name) => {
  await write('.env', `${name}=${receiver.url}/hook\n`);
  for (const verb of ['backup', 'verify', 'drill']) expect((await holdfast([verb])).code).toBe(0);
  expect(receiver.requests.map(({ body }) => /(?:backup|verify|drill) of notes done/.exec(body)?.[0])).toEqual([
    'backup of notes done',
    'verify of notes done',
    'drill of notes done',
  ]);
  expect(receiver.requests[2]?.body).toContain('proven');
});

test('NOTIFY_EMAIL alone goes by the machine’s sendmail', async () => {
  const sendmail = await makeRecordingProgram(directory.path, 'sendmail');
  const path = `${sendmail.folder}:${process.env['PATH'] ?? ''}`;
  const result = await holdfast(['backup'], { NOTIFY_EMAIL: 'ops@example.org', PATH: path });
  expect(result.code, result.stderr).toBe(0);
  expect(await sendmail.arguments()).toEqual(['-i', '-t']);
  expect(await sendmail.input()).toMatch(/^To: ops@example\.org$/m);
});

test('receivers that hang delay a run by at most 10 s together, and make it exit with 3', async () => {
  await using silent = await startHangingReceiver('accepts and never answers');
  await using dripping = await startHangingReceiver('drips bytes for ever');
  await using deaf = await startHangingReceiver('never accepts');
  await using mute = await startHangingReceiver('drips bytes for ever', 'smtp');
  await writeAllChannels(`http://127.0.0.1:${String(silent.port)}`);
  const env = {
    ...channelSecrets(`http://127.0.0.1:${String(dripping.port)}`, mute.port),
    [names.ping]: `http://127.0.0.1:${String(deaf.port)}/ping`,
  };
  const run = startHoldfast(['backup'], options(env));
  await run.saw(/backed up notes/);
  const doneMs = wallClock.monotonicMs();
  const result = await run.result;
  const delayMs = wallClock.monotonicMs() - doneMs;
  expect(delayMs).toBeGreaterThan(6000);
  expect(delayMs).toBeLessThan(10_000);
  expect(result.code).toBe(3);
  expect(result.stderr.match(/^\[WARN\] .+ was not told: no answer within 7 s$/gm)).toHaveLength(5);
});

test('a message that cannot be sent does not change the exit code of a failed run', async () => {
  const result = await holdfast(['backup'], { ...notExisting, SLACK_WEBHOOK: 'http://127.0.0.1:1/x' });
  const silent = await holdfast(['backup'], notExisting);
  expect(result.code).toBe(silent.code);
  expect(result.stderr).toMatch(/slack \(SLACK_WEBHOOK in the environment\) was not told: the receiver refuses/);
});

test('no secret is in anything that is said, written or sent, whether receivers take, refuse or quote it', async () => {
  await using mail = await startMailReceiver({ login: { user: 'me', password: 'S3CRETsmtp' } });
  await using refusing = await startHttpReceiver(404);
  const sendmail = await makeRecordingProgram(directory.path, 'logger');
  const database = 'postgres://me:S3CRETdatabase@127.0.0.1:1/app';
  const said: string[] = [];
  const flags = ['--log-file', 'run.log', '--log-level', 'debug', '--syslog', '--metrics-file', 'metrics.json'];
  for (const [url, port] of [
    [receiver.url, mail.port],
    [refusing.url, 1],
    ['not an address S3CRETslack', mail.port],
  ] as const) {
    await writeAllChannels(url.startsWith('http') ? url : receiver.url);
    const env = {
      ...channelSecrets(url, port),
      ...(url === refusing.url ? { [names.smtp]: `smtp://me:S3CRETwrong@127.0.0.1:${String(mail.port)}` } : {}),
      PATH: `${sendmail.folder}:${process.env['PATH'] ?? ''}`,
    };
    for (const [target, more] of [
      [{}, '--verbose'],
      [{ DATABASE_URL: database }, '--json'],
    ] as const) {
      const result = await holdfast(['backup', ...flags, more], { ...env, ...target });
      said.push(result.stdout, result.stderr);
    }
    const tested = await holdfast(['notify', 'test', '--verbose'], env);
    said.push(tested.stdout, tested.stderr);
    const status = await holdfast(['status'], env);
    said.push(status.stdout, status.stderr);
  }
  // What a receiver must be given to know whom it deals with: the path it is called by, and PagerDuty's key.
  const sent = [...receiver.requests, ...refusing.requests].map(({ body, headers }) =>
    JSON.stringify([body.replaceAll('"routing_key":"S3CRETrouting"', ''), headers]),
  );
  const all = [...said, ...sent, ...mail.mails.map(({ source }) => source), await sendmail.input()];
  expect(sent.length).toBeGreaterThan(10);
  expect(mail.mails.length).toBeGreaterThan(3);
  for (const text of all) expect(text).not.toContain('S3CRET');
  for (const form of ['S3CRET', Buffer.from('\0me\0S3CRETsmtp').toString('base64')]) {
    expect(all.filter((text) => holds(text, form))).toEqual([]);
    expect(await filesHolding(directory.path, form)).toEqual([]);
  }
  expect(await readFile(join(directory.path, 'run.log'), 'utf8')).toContain('was not told');
});

test('an interrupted run is told, and what was only mistyped is not', async () => {
  await using silent = await startHangingReceiver('accepts and never answers');
  const env = { SLACK_WEBHOOK: receiver.url, DATABASE_URL: `postgres://me@127.0.0.1:${String(silent.port)}/app` };
  const run = startHoldfast(['backup'], options(env));
  await run.saw(/repository/);
  run.signal('SIGTERM');
  expect((await run.result).code).toBe(130);
  expect(receiver.requests.map(({ body }) => /backup of app was interrupted/.test(body))).toEqual([true]);
  expect((await holdfast(['drill', '--keep'], env)).code).toBe(2);
  expect(receiver.requests).toHaveLength(1);
  // A timetable that lacks --yes is nobody's slip of the finger.
  const notes = { SLACK_WEBHOOK: receiver.url };
  expect((await holdfast(['backup'], { SLACK_WEBHOOK: '' })).code).toBe(0);
  expect((await holdfast(['restore', 'latest'], notes)).code).toBe(2);
  expect(receiver.requests.at(-1)?.body).toMatch(/restore of notes failed/);
});

test('a dry run is told to nobody', async () => {
  expect((await holdfast(['backup', '--dry-run'], { SLACK_WEBHOOK: receiver.url })).code).toBe(0);
  expect(receiver.requests).toEqual([]);
});

test('notify test names each channel, sends to each, and fails when one does not take it', async () => {
  const none = await holdfast(['notify', 'test']);
  expect(none.code).toBe(2);
  expect(none.stderr).toMatch(/^error: no channel is configured\nhint: Set SLACK_WEBHOOK_URL/);
  await using mail = await startMailReceiver({ login: { user: 'me', password: 'S3CRETsmtp' } });
  await writeAllChannels(receiver.url);
  const env = channelSecrets(receiver.url, mail.port);
  const dry = await holdfast(['notify', 'test', '--dry-run'], env);
  expect(dry.code).toBe(0);
  expect(receiver.requests).toEqual([]);
  const good = await holdfast(['notify', 'test'], env);
  expect(good.code, good.stderr).toBe(0);
  expect(good.stdout.match(/^✓ /gm)).toHaveLength(5);
  expect(mail.mails[0]?.source).toContain('This channel works');
  const bad = await holdfast(['notify', 'test', '--json'], { ...env, [names.slack]: 'http://127.0.0.1:1/' });
  expect(bad.code).toBe(1);
  expect(bad.json().filter(({ type }) => type === 'channel')).toHaveLength(5);
  expect(bad.json().at(-1)).toMatchObject({ type: 'error', code: 'message-not-sent' });
});
