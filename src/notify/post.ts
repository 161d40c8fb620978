/**
 * One HTTP POST whose connection is ours: `fetch` keeps connecting after it was aborted, and would hold up the end of the
 * process. Redirects are not followed (the body is meant for one receiver), and nothing of address or answer is repeated:
 * paths are secrets, host names sometimes, and answers like to quote them.
 */

import { request as requestPlain, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as requestSecure } from 'node:https';
import { notifyErrors } from './errors.ts';

export interface Post {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Resolves at an answer of the 200s. Throws `message-not-sent`. */
export async function post({ url, headers, body }: Post, signal: AbortSignal): Promise<void> {
  const bytes = Buffer.from(body, 'utf8');
  const status = await new Promise<number>((resolve, reject) => {
    const send = url.protocol === 'https:' ? requestSecure : requestPlain;
    const request: ClientRequest = send(url, {
      method: 'POST',
      // A socket of its own, that goes away with the request.
      agent: false,
      signal,
      headers: { 'user-agent': 'holdfast', 'content-length': String(bytes.length), ...headers },
    });
    request.on('error', (cause: NodeJS.ErrnoException) => {
      reject(notifyErrors.make('message-not-sent', reasonOf(cause)));
    });
    request.on('response', (response: IncomingMessage) => {
      // The status is the answer: a body that never ends must not be waited for.
      response.on('error', () => undefined);
      resolve(response.statusCode ?? 0);
      request.destroy();
    });
    request.end(bytes);
  });
  if (status >= 200 && status < 300) return;
  throw notifyErrors.make('message-not-sent', `the receiver answered ${String(status)}`, hintFor(status));
}

function hintFor(status: number): { readonly hint?: string } {
  if (status >= 300 && status < 400) return { hint: 'Give the address it redirects to.' };
  if (status === 401 || status === 403 || status === 404 || status === 410)
    return { hint: 'Check the address or key: the receiver does not know it (any more).' };
  return {};
}

/** In words of ours: Node's may hold what was sent. */
function reasonOf(cause: NodeJS.ErrnoException): string {
  const words: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'the receiver refuses connections',
    ECONNRESET: 'the receiver broke the connection off',
    ENOTFOUND: 'there is no such host',
    EAI_AGAIN: 'the name of the receiver cannot be looked up now',
    ETIMEDOUT: 'the receiver does not answer',
    EHOSTUNREACH: 'the receiver is out of reach',
    ENETUNREACH: 'the network is out of reach',
  };
  const code = cause.code ?? '';
  return words[code] ?? `the connection failed${code === '' ? '' : ` (${code})`}`;
}
