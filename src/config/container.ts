/** `DB_CONTAINER`: the database answers in this container only, for `docker exec`. */

import type { Finding } from '../domain/finding.ts';
import { lookUpFirst, type EnvSource } from './env-source.ts';
import type { DatabaseSettings } from './configuration.ts';
import { configErrors } from './errors.ts';

const name = 'DB_CONTAINER';

export interface Container {
  readonly via: readonly string[];
  /** `DB_CONTAINER in .env` */
  readonly origin: string;
}

/** Throws `settings-invalid` for what docker would take for an option. */
export async function findContainer(sources: readonly EnvSource[], signal: AbortSignal): Promise<Container | null> {
  const found = await lookUpFirst(sources, name, signal);
  if (found === null) return null;
  const container = found.value.trim();
  if (!/^[\w.-]+$/.test(container) || container.startsWith('-')) {
    throw configErrors.make('settings-invalid', `${found.origin} is not the name of a container`);
  }
  return { via: ['docker', 'exec', '-i', container], origin: found.origin };
}

/** It goes with the DB_ names; an address given in another way is used as it stands. */
export function findUnusedContainer(
  sources: readonly EnvSource[],
  databases: readonly DatabaseSettings[],
): readonly Finding[] {
  const source = sources.find(({ names }) => (names.get(name) ?? '') !== '');
  const targets = databases.flatMap(({ target, rivals }) => [...(target === null ? [] : [target]), ...rivals]);
  if (source === undefined || targets.length === 0 || targets.some(({ via }) => via !== undefined)) return [];
  return [
    {
      severity: 'warning',
      code: 'setting-without-effect',
      message: `${name} in ${source.label} has no effect: the database is addressed in another way (${targets[0]?.origin ?? ''})`,
      hint: 'Leave that out and give DB_NAME and DB_USER, or say how to get there with --via or via: in holdfast.yaml.',
    },
  ];
}
