/** What a team wants to see in a restored database beyond its being equal to the source. */
export interface DrillChecks {
  readonly queries: readonly QueryCheck[];
  readonly freshness: readonly FreshnessCheck[];
  /** The number of tables there must be, `27` or `>= 20`; null: not checked. */
  readonly tables: string | null;
}

export interface QueryCheck {
  /** One statement; its first column of its first row is what is compared. */
  readonly sql: string;
  /** A value (`42`, `done`), or a comparison: `>= 1000`, `< 5`, `!= 0`, `= x`. */
  readonly expect: string;
}

export interface FreshnessCheck {
  /** As SQL would say it: `orders`, `sales.orders`. */
  readonly table: string;
  readonly column: string;
  /** The newest value may be this much older than the backup. */
  readonly maxAgeMs: number;
}

export const noChecks: DrillChecks = { queries: [], freshness: [], tables: null };
