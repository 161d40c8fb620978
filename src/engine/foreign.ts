/**
 * The face through which an engine reads files that other programs made of its databases: `pg_dump` in somebody's script,
 * `cp`. An engine says by content whether it knows a file, looks through all of it, and gives it as an artifact that
 * the rest of it restores as it restores its own.
 */

import type { ArtifactRole } from '../domain/artifact.ts';
import type { Finding } from '../domain/finding.ts';
import type { BackupNeeds, BackupOrigin } from '../domain/manifest.ts';
import type { Scope } from '../domain/scope.ts';
import type { Work } from '../domain/work.ts';

/** What the first bytes of a file say, after everything around it was taken off. */
export interface RecognisedContent {
  /** For people: `pg_dump custom archive`, `SQLite database`. */
  readonly what: string;
  /** Stable, kebab-case, for programs. */
  readonly form: string;
  readonly role: ArtifactRole;
  /** As far as the first bytes tell: `PostgreSQL 15.18`, the name of the database. */
  readonly product: string | null;
  readonly databaseName: string | null;
  /** Why it cannot be restored here, and the way that there is; null when it can be. */
  readonly obstacle: ForeignObstacle | null;
}

export interface ForeignObstacle {
  /** `everything`: it cannot even be looked through. */
  readonly stops: 'restoring' | 'everything';
  readonly message: string;
  readonly hint: string;
}

/** What a look through the whole file found. It is complete and can be read to its end: else the look has thrown. */
export interface ForeignSurvey {
  readonly origin: Pick<BackupOrigin, 'product' | 'version' | 'majorVersion' | 'sizeBytes' | 'tool'>;
  readonly scope: Scope;
  readonly needs: BackupNeeds;
  /** Of what `artifact` gives. */
  readonly plainBytes: number;
  /** For people, what is in it: `26 tables, 12,345 rows`. */
  readonly contents: string;
  readonly findings: readonly Finding[];
}

export interface ForeignReader {
  /** How many of a file's first bytes `recognise` wants to see at most. */
  readonly headBytes: number;
  /** Null when the bytes are nothing this engine knows. Knows a file by its content alone, never by its name. */
  recognise(head: Uint8Array): RecognisedContent | null;
  /**
   * Some databases are more than one file. When others that count lie beside this one: writes all of it as one file into the
   * folder and returns that file's path. Null when the file is all there is. Changes nothing beside it.
   */
  gather(path: string, folder: string, work: Work): Promise<string | null>;
  /**
   * Reads `bytes` to the end. Throws damage (15) for what is not whole, `unsafe-script` for what would do more than fill a
   * database.
   */
  survey(content: RecognisedContent, bytes: AsyncIterable<Uint8Array>, work: Work): Promise<ForeignSurvey>;
  /** The file's bytes as this engine's own artifacts are. */
  artifact(content: RecognisedContent, bytes: AsyncIterable<Uint8Array>, work: Work): AsyncIterable<Uint8Array>;
}
