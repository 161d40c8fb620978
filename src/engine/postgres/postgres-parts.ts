/** What the PostgreSQL engine is given by the program: it asks the machine for nothing else. */

import type { Clock } from '../../domain/clock.ts';

export interface PostgresParts {
  readonly clock: Clock;
  /** A few lower-case letters and digits, different each time. */
  readonly random: () => string;
  readonly stateDirectory: string;
  /** Where the client tools are looked for (`HOLDFAST_PG_BIN`, `PATH`). */
  readonly environment: Readonly<Record<string, string | undefined>>;
}
