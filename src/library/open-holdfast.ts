/** The library's door: settings in, an instance out. */

import { makeBackingUp, type BackingUp } from './backing-up.ts';
import { readOptions, type HoldfastOptions } from './options.ts';
import { makeDamaged, type Damaged } from './damage.ts';
import { makeReading, type Reading } from './reading.ts';
import { makeRestoring, type Restoring } from './restoring.ts';
import { openSession } from './session.ts';
import { makeWholeServer, type WholeServer } from './whole-server.ts';
import { asError } from '../requests/as-error.ts';

/**
 * The operations of the command line, for programs. Nothing is printed, no signal is handled, neither the environment nor the
 * present folder is changed. Several instances may live side by side. Every call rejects with a `HoldfastError`.
 */
export interface Holdfast extends Reading, BackingUp, Restoring, WholeServer, Damaged, AsyncDisposable {
  /** The folder in which backups rest. */
  readonly repository: string;
  /** The names of the configured databases, and of whole servers. */
  readonly databases: readonly string[];
  /** Aborts what still runs, and waits until it is cleaned up. Afterwards every call throws `closed`. */
  close(): Promise<void>;
}

/** Reads the settings once. Throws `settings-invalid`, `settings-file`, `no-target`, `secret-unreadable`, `usage`. */
export async function openHoldfast(options: HoldfastOptions = {}): Promise<Holdfast> {
  const { signal } = new AbortController();
  try {
    const { configuration, request } = await readOptions(options, signal);
    const session = openSession(configuration, request);
    return {
      repository: configuration.repository.path,
      databases: configuration.databases.map(({ name }) => name),
      ...makeReading(session),
      ...makeBackingUp(session),
      ...makeRestoring(session),
      ...makeWholeServer(session),
      ...makeDamaged(session),
      close: () => session.close(),
      [Symbol.asyncDispose]: () => session.close(),
    };
  } catch (thrown) {
    throw asError(thrown, signal);
  }
}
