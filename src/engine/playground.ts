/** A database that may be broken on purpose, for the demonstration: on a server of our own, or on a named one. */

export interface PlaygroundConnection extends AsyncDisposable {
  /** One statement. */
  run(sql: string): Promise<void>;
  /** Every value as text. */
  rows(sql: string): Promise<readonly (readonly string[])[]>;
}

/** Disposing it removes every database it had a part in, and its server. */
export interface Playground extends AsyncDisposable {
  /** `a throwaway PostgreSQL 17.11 server` */
  readonly description: string;
  /** The address of the database, for an environment variable. May hold a password. */
  readonly url: string;
  /** For people: the database's name. */
  readonly databaseName: string;
  connect(): Promise<PlaygroundConnection>;
}
