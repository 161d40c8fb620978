/** What is no part of a whole server, said each time: nothing is left out in silence. */

import type { Finding } from '../../domain/finding.ts';
import type { LeftOutReason, ServerListing } from '../../engine/engine.ts';

interface Words {
  readonly severity: Finding['severity'];
  readonly code: string;
  readonly text: string;
  readonly hint: string;
}

/** These are on every server: nobody has to be told. */
const everywhere: ReadonlySet<string> = new Set(['template0', 'template1']);

const words: Readonly<Record<LeftOutReason, Words>> = {
  template: {
    severity: 'note',
    code: 'database-template',
    text: 'left out, because they are marked as templates (datistemplate)',
    hint: 'What they hold is in no backup of the server; back up by its own address what matters.',
  },
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
    const names = leftOut.filter((one) => one.why === why && !everywhere.has(one.name)).map(({ name }) => name);
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

/** Two servers that share a repository may have databases of the same name. */
export function otherServerFindings(
  databases: readonly { readonly name: string; readonly place: string; readonly otherServer: string | null }[],
): readonly Finding[] {
  return databases.flatMap(({ name, place, otherServer }): readonly Finding[] => {
    if (otherServer === null) return [];
    return [
      {
        severity: 'warning',
        code: 'place-shared',
        message: `${name}: the newest backup in ${place} was made from ${otherServer}; nothing expires there in this run`,
        hint: 'Two servers need a repository each. If it is the same server under another address, the next run is as usual.',
      },
    ];
  });
}
