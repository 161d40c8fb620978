/** What was done about roles, settings and tablespaces of a server, as plain data. */

import type { GlobalItem } from '../engine/engine.ts';
import type { RestoreGlobalsPlan, RestoreGlobalsResult } from '../operations/restore-globals.ts';

export interface GlobalsPlanAnswer {
  readonly id: string;
  readonly database: string;
  /** Address without a password. */
  readonly target: string;
  /** Each, as it is on the server, and what is done about it. */
  readonly globals: readonly GlobalItem[];
  /** Roles that become others: `{ "old": "new" }`. */
  readonly roles: Readonly<Record<string, string>>;
}

export interface GlobalsAnswer extends GlobalsPlanAnswer {
  readonly durationMs: number;
}

export function globalsPlanAnswer({ backup, target, plan, request }: RestoreGlobalsPlan): GlobalsPlanAnswer {
  return {
    id: backup.manifest.id,
    database: backup.manifest.database,
    target: target.label,
    globals: plan.items,
    roles: Object.fromEntries(request.roles),
  };
}

export function globalsAnswer(planned: RestoreGlobalsPlan, result: RestoreGlobalsResult): GlobalsAnswer {
  return { ...globalsPlanAnswer(planned), durationMs: Math.round(result.durationMs) };
}
