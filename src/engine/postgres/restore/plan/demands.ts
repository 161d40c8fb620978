/** What a backup asks of the place where it is restored. */

import type { Finding } from '../../../../domain/finding.ts';
import type { Manifest } from '../../../../domain/manifest.ts';
import { mappedRole, noRoles } from '../../../../domain/role-map.ts';
import type { RestoreRequest } from '../../../engine.ts';
import type { ArchiveToc } from '../../archive/toc.ts';
import type { ServerFacts } from '../../server-facts.ts';
import { rolesInSettings, type DatabaseStatements } from '../database/database-statements.ts';
import { note, type Demands } from './plan-findings.ts';

export function demandsOf(
  { needs }: Pick<Manifest, 'needs'>,
  request: Pick<RestoreRequest, 'owners' | 'privileges' | 'roles'>,
  statements: DatabaseStatements | null,
): Demands {
  const withRoles = request.owners || request.privileges;
  const inSettings = statements === null ? [] : rolesInSettings(statements);
  return {
    roles: [
      ...new Set([
        ...(withRoles ? needs.roles.map((name) => mappedRole(request.roles ?? noRoles, name)) : []),
        ...inSettings,
      ]),
    ],
    tablespaces: needs.tablespaces,
    extensions: needs.extensions.map(({ name }) => name),
  };
}

export function ownersOf(toc: ArchiveToc): readonly string[] {
  return [...new Set(toc.entries.map(({ owner }) => owner).filter((owner) => owner !== ''))];
}

export function subscriptionNotes(toc: ArchiveToc): readonly Finding[] {
  const names = toc.entries.filter(({ desc }) => desc === 'SUBSCRIPTION').map(({ tag }) => tag);
  if (names.length === 0) return [];
  return [note('subscriptions-disabled', `subscriptions come back disabled: ${names.join(', ')}`)];
}

/** What only a superuser creates on a stock server; hosting services let their own roles create some of it. */
const superuserKinds: readonly (readonly [desc: string, words: string])[] = [
  ['EVENT TRIGGER', 'event trigger'],
  ['FOREIGN DATA WRAPPER', 'foreign data wrapper'],
];

export function superuserFindings(
  toc: ArchiveToc,
  facts: Pick<ServerFacts, 'isSuperuser' | 'user'>,
): readonly Finding[] {
  if (facts.isSuperuser) return [];
  const found = superuserKinds.flatMap(([desc, words]) =>
    toc.entries.filter((entry) => entry.desc === desc).map(({ tag }) => `${words} ${tag}`),
  );
  if (found.length === 0) return [];
  return [
    {
      severity: 'warning',
      code: 'superuser-needed',
      message: `user ${facts.user} is no superuser, and the server may refuse ${found.join(', ')}, which the backup holds`,
      hint: 'If it is refused, nothing is replaced; restore as a role that may create them, or into a server of your own.',
    },
  ];
}
