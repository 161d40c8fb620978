/** What every part of a restore is given: where to work, and the machine's clock, chance and room. */

import type { Clock } from '../../../domain/clock.ts';
import type { PgAddress } from '../connection/address.ts';

export interface RestoreContext {
  /** The server, and the database that is to be replaced or restored under another name. */
  readonly address: PgAddress;
  /** For people, without password. */
  readonly label: string;
  readonly clock: Clock;
  /** A few lower-case letters and digits, different each time. */
  readonly random: () => string;
  readonly stateDirectory: string;
  /** Where the client tools are looked for. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}
