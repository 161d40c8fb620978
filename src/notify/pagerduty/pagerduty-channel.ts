/**
 * PagerDuty's Events API v2. A failure opens an incident under the key of the operation and its database; the next success
 * resolves it, so that people are woken once and not again.
 */

import type { MessageKind } from '../../domain/message-kind.ts';
import type { Secret } from '../../domain/secret.ts';
import type { Channel } from '../channel.ts';
import type { Message } from '../message.ts';
import { post } from '../post.ts';
import { parseWebAddress } from '../web-address.ts';

export interface PagerdutyOptions {
  /** The integration's routing key. */
  readonly key: Secret;
  /** Null: PagerDuty's own, in the United States. */
  readonly url: string | null;
  /** What opens an incident; everything else resolves it. */
  readonly opensOn: readonly MessageKind[];
}

const usualUrl = 'https://events.pagerduty.com/v2/enqueue';
const maximumSummaryLength = 1024;

export function pagerdutyChannel({ key, url, opensOn }: PagerdutyOptions): Channel {
  const label = `pagerduty (${key.origin})`;
  return {
    label,
    send: async (message, signal) => {
      const address = parseWebAddress(url ?? usualUrl, `the address of ${label}`);
      const routingKey = (await key.read(signal)).trim();
      for (const event of eventsFor(message, opensOn)) {
        const body = JSON.stringify({ routing_key: routingKey, dedup_key: message.key, ...event });
        await post({ url: address, headers: { 'content-type': 'application/json' }, body }, signal);
      }
    },
  };
}

function eventsFor(message: Message, opensOn: readonly MessageKind[]): readonly object[] {
  const resolve = { event_action: 'resolve' };
  // A test must not leave an incident behind.
  if (message.kind === 'test') return [trigger(message), resolve];
  return [opensOn.includes(message.kind) ? trigger(message) : resolve];
}

function trigger({ kind, title, happened, means, toDo, facts, host, time }: Message): object {
  const severities = { success: 'info', warning: 'warning', failure: 'critical', test: 'info' } as const;
  return {
    event_action: 'trigger',
    client: 'Holdfast',
    payload: {
      summary: `${title}: ${happened}`.slice(0, maximumSummaryLength),
      source: host,
      severity: severities[kind],
      timestamp: time,
      component: 'holdfast',
      custom_details: { happened, means, 'to do': toDo.join('\n'), ...Object.fromEntries(facts) },
    },
  };
}
