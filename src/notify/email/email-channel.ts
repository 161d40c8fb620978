/** E-mail: by an SMTP server, or, when none is named, by the machine's own sendmail. */

import type { Secret } from '../../domain/secret.ts';
import type { Channel } from '../channel.ts';
import { notifyErrors } from '../errors.ts';
import { mailOf } from './mail.ts';
import { sendBySendmail } from './sendmail.ts';
import { sendBySmtp } from './smtp.ts';
import { parseSmtpAddress } from './smtp-address.ts';

export interface EmailOptions {
  /** Addresses or users of this machine, parted by commas or blanks. */
  readonly to: Secret;
  /** Null: the SMTP user if that is an address, else `holdfast@` this machine; with sendmail, whom it takes. */
  readonly from: string | null;
  /** `smtp://user:password@host:587` or `smtps://…`; null: sendmail. */
  readonly smtp: Secret | null;
  /** The program; null: the one that is found. */
  readonly sendmail: string | null;
}

export function emailChannel({ to: receivers, from, smtp, sendmail }: EmailOptions): Channel {
  return {
    label: `email (${receivers.origin})`,
    send: async (message, signal) => {
      const to = addressesIn(await receivers.read(signal), receivers.origin);
      if (smtp === null) {
        await sendBySendmail(mailOf(message, { to: to.map(wholeAddress), from }), sendmail, signal);
        return;
      }
      const address = parseSmtpAddress((await smtp.read(signal)).trim(), smtp.origin);
      const { user } = address;
      const sender = from ?? (user?.includes('@') === true ? user : `holdfast@${message.host}`);
      await sendBySmtp(mailOf(message, { to, from: sender }), address, signal);
    },
  };
}

/** A user of this machine, in a form that belongs into the head of a mail. */
function wholeAddress(address: string): string {
  return address.includes('@') ? address : `${address}@localhost`;
}

/** Nothing but addresses and names of users: no quotes, no brackets, and nothing that begins like an option. */
function addressesIn(text: string, origin: string): readonly string[] {
  const parts = text.split(/[\s,;]+/).filter((part) => part !== '');
  if (parts.length > 0 && parts.every((part) => /^[A-Za-z0-9_][^\s@<>"(),:;]*(?:@[^\s@<>"(),:;]+)?$/.test(part)))
    return parts;
  throw notifyErrors.make('message-not-sent', `${origin} holds no mail address`, {
    hint: 'Write it like ops@example.org; several are parted by commas.',
  });
}
