/** Encoding and locale belong to a database from its creation: a restore in its place cannot change them. */

import type { Finding } from '../../../../../domain/finding.ts';
import type { Session } from '../../../connection/session.ts';
import type { ServerFacts } from '../../../server-facts.ts';
import { localeOf, optionOf } from '../../database/database-statements.ts';
import { blocking } from '../../plan/plan-findings.ts';

/** `create`: the CREATE DATABASE of the backup. */
export async function encodingFindings(
  session: Session,
  facts: ServerFacts,
  create: string,
): Promise<readonly Finding[]> {
  const encoding = optionOf(create, 'ENCODING');
  if (encoding !== null && encoding !== facts.encoding) {
    return [
      blocking(
        'encoding-differs',
        `the backup is of a database in ${encoding}, ${facts.database} is in ${facts.encoding}, and that cannot be changed in place`,
        'Restore into a database of that encoding.',
      ),
    ];
  }
  const locale = localeOf(create);
  const [present] = await session.query<{ locale: string }>(
    'select datcollate::text as locale from pg_database where datname = current_database()',
  );
  if (locale === null || present === undefined || sameLocale(locale, present.locale)) return [];
  return [
    {
      severity: 'warning',
      code: 'locale-differs',
      message: `the backup is of a database with the locale ${locale}; ${facts.database} keeps its own, ${present.locale}`,
      hint: 'Text is sorted as it is sorted there now.',
    },
  ];
}

/** `C.UTF-8` and `C.utf8` are one. */
function sameLocale(one: string, other: string): boolean {
  const plain = (name: string): string => name.toLowerCase().replaceAll(/[-_]/g, '');
  return plain(one) === plain(other);
}
