/** The new database that a salvage fills: made as the damaged one says it was, as far as that goes. */

import type { DatabaseSync } from 'node:sqlite';
import type { ReadFailure } from '../../../domain/damage.ts';
import type { SchemaEntry } from '../fingerprint/schema.ts';
import { readValue } from '../image/open-database.ts';
import { quoteIdentifier } from '../quote.ts';
import { said } from './read-rows.ts';

/** The name the damaged database is attached by. */
export const damagedSchema = 'damaged';

export class SalvageOutput {
  readonly failures: ReadFailure[] = [];
  readonly #database: DatabaseSync;
  readonly #schema: readonly SchemaEntry[];

  constructor(database: DatabaseSync, schema: readonly SchemaEntry[]) {
    this.#database = database;
    this.#schema = schema;
  }

  /** Virtual ones first: they make the tables they keep their rows in, which are then filled like any other. */
  createTables(): void {
    const tables = this.#schema.filter(({ type, name }) => type === 'table' && !name.startsWith('sqlite_'));
    for (const entry of tables.filter(({ isVirtual }) => isVirtual)) this.#create(entry);
    for (const entry of tables.filter(({ isVirtual }) => !isVirtual)) {
      if (this.#exists(entry.name)) {
        this.#attempt(`table ${entry.name}`, () => {
          this.#database.exec(`DELETE FROM main.${quoteIdentifier(entry.name)}`);
        });
      } else this.#create(entry);
    }
  }

  /** After the rows: indexes, views, triggers, counters, settings of the header. */
  finish(): void {
    this.#copySequences();
    for (const type of ['index', 'view', 'trigger'] as const) {
      for (const entry of this.#schema) if (entry.type === type && entry.sql !== null) this.#create(entry);
    }
    for (const name of ['user_version', 'application_id']) {
      this.#attempt(`PRAGMA ${name}`, () => {
        const value = String(readValue(this.#database, `PRAGMA ${damagedSchema}.${name}`));
        this.#database.exec(`PRAGMA main.${name} = ${value}`);
      });
    }
  }

  #copySequences(): void {
    if (!this.#schema.some(({ name }) => name === 'sqlite_sequence') || !this.#exists('sqlite_sequence')) return;
    this.#attempt('the counters of AUTOINCREMENT', () => {
      this.#database.exec('DELETE FROM main.sqlite_sequence');
      this.#database.exec(`INSERT INTO main.sqlite_sequence SELECT * FROM ${damagedSchema}.sqlite_sequence`);
    });
  }

  #create({ type, name, sql }: SchemaEntry): void {
    if (sql === null || this.#exists(name)) return;
    this.#attempt(`${type} ${name}`, () => {
      this.#database.exec(sql);
    });
  }

  #exists(name: string): boolean {
    return this.#database.prepare('SELECT 1 FROM main.sqlite_schema WHERE name = ?').get(name) !== undefined;
  }

  #attempt(what: string, action: () => void): void {
    try {
      action();
    } catch (cause) {
      this.failures.push({ what, error: said(cause) });
    }
  }
}
