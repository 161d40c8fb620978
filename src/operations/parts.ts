/** What every operation is given: the parts `assemble.ts` chose. Operations name no kind of engine or store. */

import type { Clock } from '../domain/clock.ts';
import type { EngineModule } from '../engine/engine.ts';
import type { RecognisedContent } from '../engine/foreign.ts';
import type { Repository } from '../repository/repository.ts';

export interface Engines {
  /** Throws `unknown-engine` when no engine speaks for the URL. */
  forUrl(url: string): EngineModule;
  /** Throws `unknown-engine`: the backup was made by a version with more engines. */
  ofKind(kind: string): EngineModule;
  /** How many of a file's first bytes `recognise` wants to see at most. */
  readonly headBytes: number;
  /** The engine that knows a file of another program by its first bytes; null when none does. */
  recognise(head: Uint8Array): { readonly module: EngineModule; readonly content: RecognisedContent } | null;
}

export interface Parts {
  readonly engines: Engines;
  /** Throws `no-repository` when there is none and `create` is false. */
  repository(options: { readonly create: boolean }): Promise<Repository>;
  readonly clock: Clock;
  readonly stateDirectory: string;
  /** This machine's name. */
  readonly host: string;
  /** `holdfast 0.1.0`. */
  readonly writer: string;
  /** IANA name in which times without a zone are read: `Europe/Berlin`. */
  readonly timeZone: string;
  /** Four characters of `a-z2-7`, different every time. */
  random(): string;
}
