/** Mail, through a real SMTP server and through a sendmail program. */

import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { emailChannel } from '../../../src/notify/email/email-channel.ts';
import { needsTls, parseSmtpAddress } from '../../../src/notify/email/smtp-address.ts';
import { messageOf } from '../../../src/notify/message.ts';
import { tellAll } from '../../../src/notify/tell.ts';
import { runHoldfast } from '../../harness/cli.ts';
import { startMailReceiver } from '../../harness/mail-receiver.ts';
import { makeRecordingProgram } from '../../harness/recording-program.ts';
import { makeTestDirectory, type TestDirectory } from '../../harness/temporary.ts';
import { doneRun, failedRun, secretOf } from './settings.ts';

const { signal } = new AbortController();
const login = { user: 'me@example.org', password: 'p@ss:w/rd%' };
let directory: TestDirectory;
let tls: { readonly key: string; readonly cert: string };
let certificate: string;

beforeAll(async () => {
  directory = await makeTestDirectory('mail');
  certificate = join(directory.path, 'server.crt');
  const key = join(directory.path, 'server.key');
  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'],
    ...['-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', certificate],
  ]);
  tls = { key: await readFile(key, 'utf8'), cert: await readFile(certificate, 'utf8') };
});

afterAll(async () => {
  await directory[Symbol.asyncDispose]();
});

function bySmtp(address: string, to = 'ops@example.org, boss@example.org') {
  return emailChannel({ to: secretOf(to), from: null, smtp: secretOf(address), sendmail: null });
}

function userInfo(): string {
  return `${encodeURIComponent(login.user)}:${encodeURIComponent(login.password)}@`;
}

describe('by SMTP', () => {
  test('a mail has subject, sender, receivers, what happened, what it means and what to do', async () => {
    await using receiver = await startMailReceiver({ login });
    await bySmtp(`smtp://${userInfo()}127.0.0.1:${String(receiver.port)}`).send(messageOf(failedRun), signal);
    const [mail] = receiver.mails;
    expect(mail).toMatchObject({ from: login.user, to: ['ops@example.org', 'boss@example.org'], user: login.user });
    expect(mail?.source).toMatch(/^Subject: \[holdfast\] backup of app failed on db1\r$/m);
    expect(mail?.source).toMatch(/^Auto-Submitted: auto-generated\r$/m);
    for (const part of ['Db1:5432 refuses connections.', 'There is no new backup.', '  - Is the server running?']) {
      expect(mail?.source).toContain(part);
    }
    expect(mail?.source).toMatch(/^exit code: +16\r$/m);
  });

  test('without a login the sender is this machine', async () => {
    await using receiver = await startMailReceiver();
    await bySmtp(`smtp://127.0.0.1:${String(receiver.port)}`).send(messageOf(doneRun), signal);
    expect(receiver.mails[0]?.from).toBe('holdfast@db1');
  });

  test('goes encrypted when the server can, also when nobody knows its certificate', async () => {
    await using receiver = await startMailReceiver({ login, tls });
    await bySmtp(`smtp://${userInfo()}localhost:${String(receiver.port)}`).send(messageOf(doneRun), signal);
    expect(receiver.mails).toMatchObject([{ isEncrypted: true, user: login.user }]);
  });

  test('a password is sent over the network to a server that can encrypt, and to no other', () => {
    const needs = (text: string): boolean => needsTls(parseSmtpAddress(text, 'x'));
    expect(needs('smtp://me:pw@mail.example.org')).toBe(true);
    expect(needs('smtp://mail.example.org')).toBe(false);
    for (const host of ['localhost', '127.0.0.1', '[::1]']) expect(needs(`smtp://me:pw@${host}:25`)).toBe(false);
  });

  test('smtps: the certificate is checked', async () => {
    await using receiver = await startMailReceiver({ login, tls, isSecure: true });
    const address = `smtps://${userInfo()}localhost:${String(receiver.port)}`;
    const yaml = 'notify: [{kind: email, to: ops@example.org, smtpEnv: MY_SMTP}]\n';
    await using folder = await makeTestDirectory('tls-mail');
    await writeFile(join(folder.path, 'holdfast.yaml'), yaml);
    const trusted = { MY_SMTP: address, NODE_EXTRA_CA_CERTS: certificate };
    const sent = await runHoldfast(['notify', 'test'], { cwd: folder.path, env: trusted });
    expect(sent.code, sent.stderr).toBe(0);
    expect(receiver.mails).toMatchObject([{ isEncrypted: true, user: login.user }]);
    const refused = await runHoldfast(['notify', 'test'], { cwd: folder.path, env: { MY_SMTP: address } });
    expect(refused.code).toBe(1);
    expect(receiver.mails).toHaveLength(1);
  });

  test('what a server answers to a wrong password is told, and the password is not', async () => {
    await using receiver = await startMailReceiver({ login });
    const [told] = await tellAll([bySmtp(`smtp://me:wr0ng@127.0.0.1:${String(receiver.port)}`)], messageOf(doneRun));
    expect(told?.failure?.message).toBe('127.0.0.1: the login was refused, it answered 535');
    expect(told?.failure?.hint).toMatch(/Check user and password/);
  });

  test('a refused receiver is told', async () => {
    await using receiver = await startMailReceiver({ refuses: 'ops@example.org' });
    const [told] = await tellAll(
      [bySmtp(`smtp://127.0.0.1:${String(receiver.port)}`, 'ops@example.org')],
      messageOf(doneRun),
    );
    expect(told?.failure?.message).toMatch(/does not take mail from this sender or for these receivers/);
  });

  test.each(['http://x', 'smtp://', 'smtp://me:%E0%A4%A@host', 'nonsense'])('%s is no address', (text) => {
    expect(() => parseSmtpAddress(text, 'MY_SMTP')).toThrow('MY_SMTP is not the address of an SMTP server');
  });
});

describe('by sendmail', () => {
  const bySendmail = (sendmail: string, to = 'ops@example.org') =>
    emailChannel({ to: secretOf(to, 'NOTIFY_EMAIL in .env'), from: null, smtp: null, sendmail });

  test('receivers stand in the head and not among the arguments', async () => {
    await using folder = await makeTestDirectory('sendmail');
    const program = await makeRecordingProgram(folder.path, 'sendmail');
    await bySendmail(program.path, 'ops@example.org,root').send(messageOf(doneRun), signal);
    expect(await program.arguments()).toEqual(['-i', '-t']);
    const input = await program.input();
    expect(input).toMatch(/^To: ops@example\.org, root@localhost$/m);
    expect(input).toMatch(/^Subject: \[holdfast\] backup of app done on db1$/m);
    expect(input).toContain('app was backed up in 4.2 s: 57.4 MB became 18.7 MB.');
    expect(input).not.toContain('\r');
  });

  test.each(['-oQ/tmp', 'a@b.example -C/etc/x', '"|sh"@x', '<x@y>', ''])('%j is no address', async (to) => {
    const [told] = await tellAll([bySendmail('/bin/true', to)], messageOf(doneRun));
    expect(told?.failure?.message).toBe('NOTIFY_EMAIL in .env holds no mail address');
  });

  test('a program that fails or is not there is told', async () => {
    await using folder = await makeTestDirectory('sendmail');
    const program = await makeRecordingProgram(folder.path, 'sendmail', 'echo "mail queue is full" >&2; exit 75');
    const [failed] = await tellAll([bySendmail(program.path)], messageOf(doneRun));
    expect(failed?.failure?.message).toBe('sendmail ended with exit code 75: mail queue is full');
    const [missing] = await tellAll([bySendmail('/nowhere/sendmail')], messageOf(doneRun));
    expect(missing?.failure?.message).toBe('there is no program /nowhere/sendmail on this machine');
  });
});
