/** Differences between a backup and its copy that were to be expected are no reason to throw the copy away, but are said. */

import type { Finding } from '../domain/finding.ts';
import type { Comparison, Difference } from '../domain/fingerprint.ts';
import type { RestoredCopy } from '../engine/engine.ts';

interface Separated<C extends Comparison | null> {
  /** Without those that were to be expected. */
  readonly comparison: C;
  readonly findings: readonly Finding[];
}

export function separateExpected<C extends Comparison | null>(comparison: C, copy: RestoredCopy): Separated<C> {
  if (comparison === null) return { comparison, findings: [] };
  const findings: Finding[] = [];
  const differences = comparison.differences.filter((difference) => {
    const said = explain(difference, copy);
    if (said !== null) findings.push(said);
    return said === null;
  });
  return { comparison: { ...comparison, differences }, findings };
}

function explain(difference: Difference, copy: RestoredCopy): Finding | null {
  const { kind, name, what } = difference;
  if (copy.isAnnounced?.(difference) !== true) return copy.explain?.(difference) ?? null;
  return {
    severity: 'warning',
    code: 'difference-stays',
    message: `${kind} ${name} could not be brought to what the backup holds: ${what}`,
    hint: 'The plan said why; as a superuser it can be set by hand.',
  };
}
