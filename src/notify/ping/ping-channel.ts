/**
 * Pings as Healthchecks takes them (https://healthchecks.io/docs/http_api/): `/start` at the beginning, the address itself
 * at a success, `/fail` at a failure, each with a short text. What watches there also notices a machine that says nothing.
 */

import type { Secret } from '../../domain/secret.ts';
import type { Channel } from '../channel.ts';
import type { Message } from '../message.ts';
import { post } from '../post.ts';
import { readWebAddress } from '../web-address.ts';

/** Healthchecks keeps 100 kB; others less. */
const maximumBodyLength = 4000;

export function pingChannel(url: Secret): Channel {
  const ping = async (ending: string, body: string, signal: AbortSignal): Promise<void> => {
    const address = await readWebAddress(url, signal);
    address.pathname = address.pathname.replace(/\/+$/, '') + ending;
    const headers = { 'content-type': 'text/plain; charset=utf-8' };
    await post({ url: address, headers, body: body.slice(0, maximumBodyLength) }, signal);
  };
  return {
    label: `ping (${url.origin})`,
    begin: async ({ id }, signal) => ping('/start', id, signal),
    send: async (message, signal) => ping(endingFor(message), textOf(message), signal),
  };
}

/** A test is only noted: it must not pass for a backup. */
function endingFor({ kind }: Message): string {
  if (kind === 'test') return '/log';
  return kind === 'failure' ? '/fail' : '';
}

function textOf({ title, happened, toDo, id }: Message): string {
  return [title, happened, ...toDo, id].join('\n');
}
