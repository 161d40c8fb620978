/**
 * Tells everybody at once, under one deadline: a receiver that hangs for ever costs a run no more than that. Whoever could
 * not be told is a finding, never an error: the work itself is done by then.
 */

import { HoldfastError } from '../domain/error.ts';
import type { Finding } from '../domain/finding.ts';
import type { RunStart } from '../domain/run.ts';
import { concerns, type Channel, type Subscription } from './channel.ts';
import { notifyErrors } from './errors.ts';
import type { Message } from './message.ts';

/** With what opening and closing take, also on a busy machine, a run is delayed by less than ten seconds. */
export const usualDeadlineMs = 7000;

export interface Told {
  readonly channel: Channel;
  /** Null: it was sent. */
  readonly failure: HoldfastError | null;
}

/** Sends to every channel, whatever it subscribed to. */
export async function tellAll(
  channels: readonly Channel[],
  message: Message,
  deadlineMs = usualDeadlineMs,
): Promise<readonly Told[]> {
  return withDeadline(deadlineMs, async (signal) =>
    Promise.all(
      channels.map(async (channel) => ({
        channel,
        failure: await attempt(() => channel.send(message, signal), signal, deadlineMs),
      })),
    ),
  );
}

/** Sends to those who want to hear it; a finding for each that could not be told. */
export async function tellSubscribers(
  subscriptions: readonly Subscription[],
  message: Message,
  deadlineMs = usualDeadlineMs,
): Promise<readonly Finding[]> {
  const { run, kind } = message;
  const wanted = subscriptions.filter(
    (one) => run !== null && kind !== 'test' && concerns(one, run) && one.on.includes(kind),
  );
  const told = await tellAll(
    wanted.map(({ channel }) => channel),
    message,
    deadlineMs,
  );
  return told.flatMap(({ channel, failure }) => (failure === null ? [] : [notTold(channel, failure)]));
}

export interface Beginning {
  /** Lets go, after a moment, of what is still under way: a beginning that arrives after the end would be a lie. */
  end(): Promise<readonly Finding[]>;
}

/** A run may be over before its beginning was told. */
const beginningGraceMs = 500;

/** Tells of a beginning without making the run wait for it. */
export function tellBeginning(
  subscriptions: readonly Subscription[],
  start: RunStart,
  deadlineMs = usualDeadlineMs,
): Beginning {
  const ending = new AbortController();
  const sending = withDeadline(
    deadlineMs,
    async (signal) =>
      Promise.all(
        subscriptions.map(async ({ channel, ...rules }) => {
          const { begin } = channel;
          if (begin === undefined || !concerns({ channel, ...rules }, start)) return [];
          const failure = await attempt(() => begin(start, signal), signal, deadlineMs);
          return failure === null || ending.signal.aborted ? [] : [notTold(channel, failure)];
        }),
      ),
    ending.signal,
  );
  return {
    end: async () => {
      const timer = setTimeout(() => {
        ending.abort();
      }, beginningGraceMs);
      try {
        return (await sending).flat();
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

async function withDeadline<T>(
  deadlineMs: number,
  action: (signal: AbortSignal) => Promise<T>,
  outer: AbortSignal | null = null,
): Promise<T> {
  const late = new AbortController();
  const timer = setTimeout(() => {
    late.abort();
  }, deadlineMs);
  try {
    return await action(outer === null ? late.signal : AbortSignal.any([late.signal, outer]));
  } finally {
    clearTimeout(timer);
  }
}

/** Does not wait for a channel that does not heed its signal. */
async function attempt(
  action: () => Promise<void>,
  signal: AbortSignal,
  deadlineMs: number,
): Promise<HoldfastError | null> {
  const late = new Promise<never>((_resolve, reject) => {
    signal.addEventListener(
      'abort',
      () => {
        reject(new Error('aborted'));
      },
      { once: true },
    );
  });
  try {
    await Promise.race([action(), late]);
    return null;
  } catch (thrown) {
    if (signal.aborted) {
      return notifyErrors.make('message-not-sent', `no answer within ${String(deadlineMs / 1000)} s`);
    }
    if (thrown instanceof HoldfastError) return thrown;
    // What a library says may hold an address: only its kind is repeated.
    const kind = thrown instanceof Error ? thrown.name : typeof thrown;
    return notifyErrors.make('message-not-sent', `unexpected ${kind}`, { cause: thrown });
  }
}

function notTold({ label }: Channel, { message, hint }: HoldfastError): Finding {
  return { severity: 'warning', code: 'message-not-sent', message: `${label} was not told: ${message}`, hint };
}
