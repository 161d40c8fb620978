/** The face of a way to tell people. One folder per kind; `tell.ts` sends to all of them at once. */

import type { MessageKind } from '../domain/message-kind.ts';
import type { RunStart, RunVerb } from '../domain/run.ts';
import type { Message } from './message.ts';

export interface Channel {
  /** For people: `slack (SLACK_WEBHOOK_URL in .env)`. Never an address: those are secrets. */
  readonly label: string;
  /**
   * Throws `message-not-sent` without any secret in it. When the signal aborts, everything it holds (sockets, processes) is
   * let go of at once, whatever the receiver does.
   */
  send(message: Message, signal: AbortSignal): Promise<void>;
  /** Only of channels that are told when a run begins. */
  readonly begin?: (start: RunStart, signal: AbortSignal) => Promise<void>;
}

/** A channel and what it wants to hear. */
export interface Subscription {
  readonly channel: Channel;
  readonly on: readonly MessageKind[];
  /** Null: all. */
  readonly verbs: readonly RunVerb[] | null;
  /** Null: all, and those of which the name is not known. */
  readonly databases: readonly string[] | null;
}

export function concerns({ verbs, databases }: Subscription, run: Pick<RunStart, 'verb' | 'database'>): boolean {
  if (verbs !== null && !verbs.includes(run.verb)) return false;
  // A run that failed before it knew its database concerns everybody.
  return databases === null || run.database === null || databases.includes(run.database);
}
