/** What is no part of a whole server, said each time: nothing is left out in silence. */

import type { Finding } from '../../domain/finding.ts';
import type { LeftOutReason, ServerListing } from '../../engine/engine.ts';

interface Words {
  readonly severity: Finding['severity'];
  readonly code: string;
  readonly text: string;
  readonly hint: string;
}

/** Templates are on every server: nobody has to be told. */
const words: Readonly<Record<Exclude<LeftOutReason, 'template'>, Words>> = {
  excluded: { severity: 'note', code: 'database-excluded', text: 'left out as asked', hint: '' },
  ours: {
    severity: 'note',
    code: 'database-ours',
    text: 'left out, by their names copies that restores or drills of Holdfast made or kept',
    hint: 'One that is nothing of the kind has to be renamed, or backed up by its own address.',
  },
  'no-connections': {
    severity: 'note',
    code: 'database-closed',
    text: 'left out, because nobody may connect to them (datallowconn)',
    hint: '',
  },
  invalid: {
    severity: 'warning',
    code: 'database-invalid',
    text: 'left out: CREATE or DROP DATABASE was interrupted, and nobody can read them',
    hint: 'PostgreSQL allows only one thing to be done with them: DROP DATABASE.',
  },
};

export function leftOutFindings({ leftOut, unmatched }: ServerListing): readonly Finding[] {
  const findings = Object.entries(words).flatMap(([why, { severity, code, text, hint }]): readonly Finding[] => {
    const names = leftOut.filter((one) => one.why === why).map(({ name }) => name);
    return names.length === 0 ? [] : [{ severity, code, message: `${text}: ${names.join(', ')}`, hint }];
  });
  return [
    ...findings,
    ...unmatched.map(
      (pattern): Finding => ({
        severity: 'note',
        code: 'pattern-without-match',
        message: `no database is called as the pattern ${pattern} says`,
        hint: 'Letters outside of double quotes are read in lower case.',
      }),
    ),
  ];
}
