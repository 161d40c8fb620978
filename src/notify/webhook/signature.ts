/**
 * The signature of Standard Webhooks 1.0 (https://www.standardwebhooks.com): HMAC-SHA256 over id, time and body, for which
 * receivers find ready libraries. Who hears the id twice, or sees an old time, hears a repetition.
 */

import { createHmac } from 'node:crypto';

export interface Signing {
  readonly id: string;
  readonly body: string;
  /** `whsec_` and base64, or any other text as its own bytes. */
  readonly secret: string;
  readonly now: Date;
}

export function signatureHeaders({ id, body, secret, now }: Signing): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(now.getTime() / 1000));
  const signature = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}

function keyOf(secret: string): Buffer {
  const prefix = 'whsec_';
  return secret.startsWith(prefix) ? Buffer.from(secret.slice(prefix.length), 'base64') : Buffer.from(secret, 'utf8');
}
