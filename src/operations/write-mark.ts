/** Marks that operations leave beside a backup. */

import { messageOf } from '../domain/error.ts';
import type { Finding } from '../domain/finding.ts';
import type { Manifest } from '../domain/manifest.ts';
import type { DamageProblem, Mark } from '../domain/mark.ts';
import type { Work } from '../domain/work.ts';
import type { Repository } from '../repository/repository.ts';
import type { Parts } from './parts.ts';

type MarkFacts = Pick<Mark, 'format' | 'id' | 'time' | 'host' | 'writer'>;

export function markFacts(manifest: Manifest, parts: Parts): MarkFacts {
  const time = parts.clock.now().toISOString();
  return { format: 1, id: manifest.id, time, host: parts.host, writer: parts.writer };
}

/**
 * What was found out is worth reporting also where it cannot be written down (a repository that is read-only here): then
 * there is a warning. An interruption is passed on.
 */
export async function writeMark(
  repository: Repository,
  manifest: Manifest,
  mark: Mark,
  work: Work,
): Promise<readonly Finding[]> {
  try {
    await repository.addMark(manifest.database, mark, work.signal);
    return [];
  } catch (thrown) {
    work.signal.throwIfAborted();
    return [
      {
        severity: 'warning',
        code: 'mark-not-written',
        message: `the result could not be recorded beside the backup: ${messageOf(thrown)}`,
        hint: 'Run it where the repository can be written, so that `holdfast list` shows the state.',
      },
    ];
  }
}

/** Writes down damage met on the way to something else; the error that stops that follows. */
export async function recordDamage(
  found: { readonly repository: Repository; readonly manifest: Manifest; readonly by: string },
  problems: readonly DamageProblem[],
  parts: Parts,
  work: Work,
): Promise<readonly Finding[]> {
  if (problems.length === 0) return [];
  const { repository, manifest, by } = found;
  const files = [...new Set(problems.map(({ file }) => file))];
  const facts = markFacts(manifest, parts);
  const findings = await writeMark(
    repository,
    manifest,
    { ...facts, kind: 'damaged', files, foundBy: by, problems },
    work,
  );
  for (const { message } of findings) work.report({ kind: 'note', level: 'warn', text: message });
  return findings;
}
