import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Configuration } from './configuration.ts';
import { loadConfiguration } from './load.ts';
import { parseConfiguration } from './yaml-file.ts';

const { signal } = new AbortController();
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-notify-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function load(
  files: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string>> = {},
): Promise<Configuration> {
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return loadConfiguration({ flags: {}, environment, cwd: folder, signal });
}

describe('the names of other teams', () => {
  it.each(['SLACK_WEBHOOK_URL', 'SLACK_WEBHOOK'])('%s alone is a channel', async (name) => {
    const { notify, findings } = await load({ '.env': `${name}=https://hooks.example/T/B` });
    expect(notify).toHaveLength(1);
    const [channel] = notify;
    if (channel?.kind !== 'slack') throw new Error('no slack');
    expect(channel.url.origin).toBe(`${name} in .env`);
    expect(await channel.url.read(signal)).toBe('https://hooks.example/T/B');
    expect(findings).toEqual([]);
  });

  it('NOTIFY_EMAIL alone is the machine’s own sendmail', async () => {
    const { notify } = await load({ '.env.production': "NOTIFY_EMAIL='ops@example.org'\n" });
    expect(notify).toMatchObject([{ kind: 'email', smtp: null, from: null, sendmail: null }]);
  });

  it('add to `notify:` what it has no channel for, and nothing to an empty one', async () => {
    const environment = { SLACK_WEBHOOK_URL: 'https://hooks.example/1', NOTIFY_EMAIL: 'ops@example.org' };
    const both = await load({ 'holdfast.yaml': 'notify: [{kind: slack, urlEnv: OTHER}]' }, environment);
    expect(both.notify.map(({ kind }) => kind)).toEqual(['slack', 'email']);
    expect((await load({ 'holdfast.yaml': 'notify: []' }, environment)).notify).toEqual([]);
  });

  it('LOG_FILE is where the log goes', async () => {
    expect((await load({ '.env': 'LOG_FILE=logs/backup.log' })).record.logFile).toBe(join(folder, 'logs/backup.log'));
    expect((await load({}, { LOG_FILE: '/var/log/backup.log' })).record.logFile).toBe('/var/log/backup.log');
  });
});

describe('secrets', () => {
  const yaml = `notify:
  - {kind: slack, urlEnv: MY_SLACK}
  - {kind: ping, urlFile: ping.txt}
  - {kind: pagerduty, keyCommand: echo routing-key}
  - {kind: webhook, url: 'https://example.org/hook', secretEnv: MISSING}
`;

  it('come by value, variable, file or command, and are read when they are needed', async () => {
    const { notify } = await load(
      { 'holdfast.yaml': yaml, 'ping.txt': 'https://hc.example/uuid\n' },
      { MY_SLACK: 'https://s.example' },
    );
    const read = notify.map((one) => (one.kind === 'pagerduty' ? one.key : one.kind === 'email' ? one.to : one.url));
    expect(await Promise.all(read.map((secret) => secret.read(signal)))).toEqual([
      'https://s.example',
      'https://hc.example/uuid',
      'routing-key',
      'https://example.org/hook',
    ]);
  });

  it('that are missing stop nothing until a message is to be sent', async () => {
    const { notify } = await load({ 'holdfast.yaml': yaml });
    const [webhook] = notify.filter((one) => one.kind === 'webhook');
    await expect(webhook?.secret.read(signal)).rejects.toThrow(
      'notify.3.secretEnv in holdfast.yaml: MISSING is not set',
    );
  });

  it('are not in what can be printed of the configuration', async () => {
    const secret = 'https://hooks.example/T/B/very-secret';
    const found = await load(
      { 'holdfast.yaml': `notify: [{kind: slack, url: '${secret}'}]` },
      { NOTIFY_EMAIL: 'a@b.example' },
    );
    expect(JSON.stringify(found)).not.toContain('very-secret');
  });
});

describe('mistakes in `notify:` are shown with their place', () => {
  it.each([
    ['notify:\n  - {kind: slak, url: x}\n', /^holdfast\.yaml:2:6: notify\.0\.kind: /],
    [
      'notify:\n  - {kind: email, too: a@b.example}\n',
      /^holdfast\.yaml:2:\d+: (?:unknown setting notify\.0\.too|notify\.0\.to)/,
    ],
    ['notify:\n  - {kind: slack}\n', /notify\.0: must have one of url, urlEnv, urlFile, urlCommand/],
    ['notify:\n  - {kind: slack, url: a, urlEnv: B}\n', /must have one of url, urlEnv/],
    ['notify:\n  - {kind: email, to: nobody}\n', /notify\.0\.to: .*must be a mail address/],
    ['notify:\n  - {kind: email, to: "a@b.example, c@d"}\n', /must be a mail address/],
    ['notify:\n  - {kind: webhook, url: https://x.example}\n', /must have one of secret, secretEnv/],
    ['notify:\n  - {kind: ping, url: https://x.example, on: [failure]}\n', /unknown setting notify\.0\.on/],
    ['logLevel: loud\n', /^holdfast\.yaml:1:1: logLevel: /],
  ])('%j', (content, says) => {
    expect(() => parseConfiguration(content, 'holdfast.yaml')).toThrow(says);
  });

  it('and with the key that was meant', () => {
    const wrong = 'notify:\n  - {kind: email, to: a@b.example, smptEnv: X}\n';
    expect(() => parseConfiguration(wrong, 'holdfast.yaml')).toThrow(
      expect.objectContaining({ hint: 'Did you mean smtpEnv?' }),
    );
  });
});
