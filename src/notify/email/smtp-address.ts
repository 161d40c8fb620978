/** `smtp://user:password@host:587`, `smtps://…`. It may hold a password: nothing of it is repeated but the host. */

import { notifyErrors } from '../errors.ts';

export interface SmtpAddress {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte. */
  readonly isSecure: boolean;
  readonly user: string | null;
  readonly password: string | null;
}

export function parseSmtpAddress(text: string, origin: string): SmtpAddress {
  const address = URL.canParse(text) ? addressOf(new URL(text)) : null;
  if (address !== null) return address;
  throw notifyErrors.make('message-not-sent', `${origin} is not the address of an SMTP server`, {
    hint: 'Write it like smtp://user:password@mail.example.org:587 or smtps://…, odd characters percent-encoded.',
  });
}

/** Null when it is something else, or not percent-encoded as it should be. */
function addressOf(url: URL): SmtpAddress | null {
  const isSecure = url.protocol === 'smtps:';
  const user = decode(url.username);
  const password = decode(url.password);
  if ((!isSecure && url.protocol !== 'smtp:') || url.hostname === '' || user === null || password === null) return null;
  const usualPort = isSecure ? 465 : 587;
  return {
    host: url.hostname.replaceAll(/^\[|\]$/g, ''),
    port: url.port === '' ? usualPort : Number(url.port),
    isSecure,
    user: user === '' ? null : user,
    password: password === '' ? null : password,
  };
}

/** A password goes over the network encrypted, or not at all; this machine itself is no network. */
export function needsTls({ host, password }: SmtpAddress): boolean {
  return password !== null && !['localhost', '127.0.0.1', '::1'].includes(host);
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
