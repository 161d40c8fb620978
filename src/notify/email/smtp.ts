/** Sends one mail to an SMTP server, over a socket that is ours, so that a server that hangs can be left at once. */

import { once } from 'node:events';
import { connect, isIP, type Socket } from 'node:net';
import { createTransport } from 'nodemailer';
import { notifyErrors } from '../errors.ts';
import { envelopeOf, type Mail } from './mail.ts';
import { needsTls, type SmtpAddress } from './smtp-address.ts';

/** Throws `message-not-sent`. */
export async function sendBySmtp(mail: Mail, address: SmtpAddress, signal: AbortSignal): Promise<void> {
  const { host, port, isSecure, user, password } = address;
  const socket = connect({ host, port });
  const leave = (): void => {
    socket.destroy();
  };
  signal.addEventListener('abort', leave, { once: true });
  try {
    signal.throwIfAborted();
    await once(socket, 'connect', { signal });
    const transport = createTransport({
      host,
      port,
      secure: isSecure,
      requireTLS: needsTls(address),
      connection: socket,
      // Where no encryption would do as well, an unknown certificate does: mail servers at home sign their own.
      tls: { rejectUnauthorized: isSecure || needsTls(address), ...(isIP(host) === 0 ? { servername: host } : {}) },
      ...(user === null ? {} : { auth: { user, pass: password ?? '' } }),
    });
    await transport.sendMail(envelopeOf(mail));
  } catch (cause) {
    throw notifyErrors.make('message-not-sent', `${host}: ${reasonOf(cause)}`, hintFor(cause));
  } finally {
    signal.removeEventListener('abort', leave);
    letGo(socket);
  }
}

function letGo(socket: Socket): void {
  socket.on('error', () => undefined);
  socket.destroy();
}

/** Codes only: what a server says may repeat what it was sent. */
function reasonOf(cause: unknown): string {
  const { code, responseCode } = cause as { readonly code?: unknown; readonly responseCode?: unknown };
  const answered = typeof responseCode === 'number' ? `, it answered ${String(responseCode)}` : '';
  const words: Readonly<Record<string, string>> = {
    EAUTH: 'the login was refused',
    EENVELOPE: 'it does not take mail from this sender or for these receivers',
    ETLS: 'it offers no encryption, and a password is not sent without',
    ECONNREFUSED: 'it refuses connections',
    ENOTFOUND: 'there is no such host',
  };
  const known =
    typeof code === 'string' ? (words[code] ?? `the mail was not taken (${code})`) : 'the mail was not taken';
  return known + answered;
}

function hintFor(cause: unknown): { readonly hint?: string } {
  return (cause as { readonly code?: unknown }).code === 'EAUTH'
    ? { hint: 'Check user and password of the SMTP server.' }
    : {};
}
