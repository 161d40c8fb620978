/** What a run worked on, read from the facts that its command gives to programs (docs/json.md). */

import type { BackupState } from '../domain/backup.ts';
import type { RestoreDeed, RunSubject, RunVerb } from '../domain/run.ts';
import { definedOf } from '../config/defined.ts';

type Facts = Readonly<Record<string, unknown>>;

export function subjectOf(verb: RunVerb, facts: Facts): Partial<RunSubject> {
  const inner = onlyBackup(facts);
  return definedOf({
    database: textIn(facts, 'database') ?? textIn(inner, 'database'),
    target: textIn(facts, 'target'),
    backup: textIn(facts, 'id') ?? textIn(inner, 'id'),
    state: stateIn(verb, facts) ?? stateIn(verb, inner),
    plainBytes: sizeIn(facts, 'plainBytes') ?? sizeIn(inner, 'plainBytes'),
    storedBytes: sizeIn(facts, 'storedBytes') ?? sizeIn(inner, 'storedBytes'),
    files: filesIn(facts) ?? sizeIn(facts, 'files'),
    did: verb === 'restore' ? deedIn(facts) : undefined,
  });
}

/** Of a result that lists backups the one in it, if it is one. */
function onlyBackup(facts: Facts): Facts {
  const list: unknown = facts['backups'];
  if (!Array.isArray(list) || list.length !== 1) return {};
  const [only] = list as readonly unknown[];
  return typeof only === 'object' && only !== null ? { ...only } : {};
}

function stateIn(verb: RunVerb, facts: Facts): BackupState | undefined {
  if (verb === 'backup' && textIn(facts, 'id') !== undefined) return 'stored';
  if (verb === 'drill' && facts['outcome'] === 'proven') return 'proven';
  const { state } = facts;
  return state === 'stored' || state === 'verified' || state === 'proven' || state === 'damaged' ? state : undefined;
}

/** What a backup is made of, without what is only known about it. */
function filesIn({ artifacts }: Facts): number | undefined {
  if (!Array.isArray(artifacts)) return undefined;
  return (artifacts as readonly unknown[]).filter(
    (one) => typeof one === 'object' && one !== null && 'role' in one && one.role !== 'fingerprint',
  ).length;
}

/** From the plan of a restore, which is said before the question, or from its result. */
function deedIn(facts: Facts): RestoreDeed | undefined {
  const kinds: readonly (readonly [key: string, deed: RestoreDeed])[] = [
    ['drop', 'dropped'],
    ['dropped', 'dropped'],
    ['kept', 'undone'],
    ['undone', 'undone'],
    ['tables', 'tables'],
    ['globals', 'globals'],
  ];
  const found = kinds.find(([key]) => facts[key] !== undefined);
  if (found !== undefined) return found[1];
  if (facts['keptAs'] === undefined) return undefined;
  return facts['keptAs'] === null ? 'aside' : 'replaced';
}

function textIn(facts: Facts, key: string): string | undefined {
  const value = facts[key];
  return typeof value === 'string' ? value : undefined;
}

function sizeIn(facts: Facts, key: string): number | undefined {
  const value = facts[key];
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
