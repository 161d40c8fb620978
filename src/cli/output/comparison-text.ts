/** What a comparison found, in lines for people. */

import type { Comparison } from '../../domain/fingerprint.ts';
import { counted, printable } from './format.ts';
import type { Style } from './style.ts';

const shownDifferences = 20;

export function comparisonLines(comparison: Comparison, style: Style): readonly string[] {
  const what = [
    counted(comparison.tablesCompared, 'table'),
    counted(comparison.rowsCompared, 'row'),
    ...(comparison.largeObjectsCompared > 0 ? [counted(comparison.largeObjectsCompared, 'large object')] : []),
    ...(comparison.sequencesCompared > 0 ? [counted(comparison.sequencesCompared, 'sequence')] : []),
    counted(comparison.objectsCompared, 'other object'),
  ].join(', ');
  const { differences } = comparison;
  const verdict =
    differences.length === 0 ? style.good('all equal') : style.bad(counted(differences.length, 'difference'));
  const counting =
    comparison.countedOnly > 0 ? ` (${counted(comparison.countedOnly, 'table')} by number of rows only)` : '';
  const rest = differences.length - shownDifferences;
  return [
    `compared ${what}${counting}: ${verdict}`,
    `  ${style.dim(comparison.basis)}`,
    ...differences
      .slice(0, shownDifferences)
      .map(
        ({ kind, name, what: difference }) =>
          `  ${style.bad('≠')} ${kind} ${printable(name)}: ${printable(difference)}`,
      ),
    ...(rest > 0 ? [`  and ${counted(rest, 'more difference', 'more differences')} (all of them with --json)`] : []),
  ];
}
