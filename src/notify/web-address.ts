/** Addresses of webhooks. They are secrets: an error names only where one was written. */

import type { Secret } from '../domain/secret.ts';
import { notifyErrors } from './errors.ts';

export async function readWebAddress(secret: Secret, signal: AbortSignal): Promise<URL> {
  return parseWebAddress((await secret.read(signal)).trim(), secret.origin);
}

export function parseWebAddress(text: string, origin: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && (url.protocol === 'https:' || url.protocol === 'http:')) return url;
  throw notifyErrors.make('message-not-sent', `${origin} is not an http or https address`, {
    hint: 'Write the whole address, beginning with https://.',
  });
}
