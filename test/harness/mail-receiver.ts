/** A real SMTP server that keeps the mail it gets. */

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Head and body as they came. */
  readonly source: string;
  readonly isEncrypted: boolean;
  /** Null without a login. */
  readonly user: string | null;
}

export interface MailReceiver extends AsyncDisposable {
  readonly port: number;
  readonly mails: readonly ReceivedMail[];
}

export interface MailReceiverOptions {
  /** Without, nobody can log in. */
  readonly login?: { readonly user: string; readonly password: string };
  /** Without, there is no encryption. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** TLS from the first byte. */
  readonly isSecure?: boolean;
  /** Refuses this receiver. */
  readonly refuses?: string;
}

export async function startMailReceiver(options: MailReceiverOptions = {}): Promise<MailReceiver> {
  const { login, tls, isSecure = false, refuses } = options;
  const mails: ReceivedMail[] = [];
  const server = new SMTPServer({
    secure: isSecure,
    ...tls,
    logger: false,
    disabledCommands: [
      ...(tls === undefined || isSecure ? ['STARTTLS'] : []),
      ...(login === undefined ? ['AUTH'] : []),
    ],
    authOptional: login === undefined,
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, done) => {
      if (login !== undefined && username === login.user && password === login.password) done(null, { user: username });
      else done(new Error(`no such user, or not with the password ${String(password)}`));
    },
    onRcptTo: ({ address }, _session, done) => {
      done(address === refuses ? new Error('no such mailbox') : undefined);
    },
    onData: (stream, session, done) => {
      void text(stream).then((source) => {
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          source,
          isEncrypted: session.secure,
          user: typeof session.user === 'string' ? session.user : null,
        });
        done();
      });
    },
  });
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      }),
  };
}
