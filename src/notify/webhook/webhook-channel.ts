/** A JSON message to a program of the team's own, signed so that the receiver knows who sent it and that it is new. */

import type { Secret } from '../../domain/secret.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Channel } from '../channel.ts';
import { post } from '../post.ts';
import { readWebAddress } from '../web-address.ts';
import { signatureHeaders } from './signature.ts';

export interface WebhookOptions {
  readonly url: Secret;
  readonly secret: Secret;
  readonly clock: Clock;
}

export function webhookChannel({ url, secret, clock }: WebhookOptions): Channel {
  return {
    label: `webhook (${url.origin})`,
    send: async (message, signal) => {
      const address = await readWebAddress(url, signal);
      const body = JSON.stringify({ type: message.run === null ? 'test' : 'run', ...message });
      const signed = signatureHeaders({
        id: message.id,
        body,
        secret: (await secret.read(signal)).trim(),
        now: clock.now(),
      });
      await post({ url: address, headers: { 'content-type': 'application/json', ...signed }, body }, signal);
    },
  };
}
