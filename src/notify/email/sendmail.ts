/**
 * Gives one mail to the machine's sendmail (postfix, exim, msmtp and others bring a program of that name). Receivers stand
 * in the mail's head (`-t`), not among the arguments, where one that begins with `-` would be an option.
 */

import { createTransport } from 'nodemailer';
import { HoldfastError } from '../../domain/error.ts';
import { startChild } from '../../system/child-process.ts';
import { findProgram } from '../../system/find-program.ts';
import { notifyErrors } from '../errors.ts';
import { envelopeOf, type Mail } from './mail.ts';

/** cron's PATH leaves out where it usually is. */
const usualFolders = '/usr/sbin:/usr/lib:/usr/local/sbin';

/** Throws `message-not-sent`. */
export async function sendBySendmail(mail: Mail, program: string | null, signal: AbortSignal): Promise<void> {
  const command = findProgram(program ?? 'sendmail', `${process.env['PATH'] ?? ''}:${usualFolders}`);
  if (command === null) {
    const wanted = program ?? 'sendmail';
    throw notifyErrors.make('message-not-sent', `there is no program ${wanted} on this machine`, {
      hint: 'Install a mail server such as postfix or msmtp-mta, or name an SMTP server under `notify:`.',
    });
  }
  const bytes = await compose(mail);
  try {
    await feed(command, bytes, signal);
  } catch (thrown) {
    if (!(thrown instanceof HoldfastError)) throw thrown;
    throw notifyErrors.make('message-not-sent', thrown.message, { cause: thrown });
  }
}

async function feed(command: string, bytes: Buffer, signal: AbortSignal): Promise<void> {
  await using child = await startChild({ command, args: ['-i', '-t'], stdin: 'pipe', stdout: 'ignore' }, signal);
  // One that does not heed SIGTERM would outlive the deadline.
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  signal.addEventListener('abort', kill, { once: true });
  try {
    child.stdin?.end(bytes);
    await child.succeed();
  } finally {
    signal.removeEventListener('abort', kill);
  }
}

async function compose(mail: Mail): Promise<Buffer> {
  const composer = createTransport({ streamTransport: true, buffer: true, newline: 'unix' });
  const { message } = await composer.sendMail(envelopeOf(mail));
  if (Buffer.isBuffer(message)) return message;
  throw new TypeError('nodemailer gave a stream where a buffer was asked for');
}
