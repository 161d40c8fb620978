/** Whether roles can be mapped in this backup, and what the mapping does not reach. */

import type { ArtifactRecord, BackupSource } from '../../../../domain/artifact.ts';
import type { Finding } from '../../../../domain/finding.ts';
import { noRoles } from '../../../../domain/role-map.ts';
import type { Work } from '../../../../domain/work.ts';
import type { RestoreRequest } from '../../../engine.ts';
import { readHead } from '../load/read-head.ts';
import { blocking, mappedToNothing, note } from '../plan/plan-findings.ts';
import { mapRolesInHead, mergedRoles } from './map-head.ts';

export async function roleFindings(
  { roles = noRoles, privileges }: Pick<RestoreRequest, 'roles' | 'privileges'>,
  source: BackupSource,
  artifact: ArtifactRecord,
  work: Work,
): Promise<readonly Finding[]> {
  if (roles.size === 0) return [];
  if (artifact.role !== 'archive') {
    return [
      blocking(
        'roles-not-mappable',
        'the backup is SQL only: roles in it cannot be mapped',
        'Create them (restore … --globals), or restore a backup with a custom archive.',
      ),
    ];
  }
  await using head = await readHead(source.open(artifact, work));
  const { seen } = mapRolesInHead(head.headBytes, head.toc, roles);
  const merged = mergedRoles(seen, roles, head.toc.encoding);
  const unknown = [...roles.keys()].filter((name) => !seen.has(Buffer.from(name, 'utf8').toString('latin1')));
  const texts =
    'roles named in bodies of functions, in expressions of policies and views, and in values of settings stay';
  return [
    ...(merged.length === 0 || !privileges
      ? []
      : [
          blocking(
            'roles-become-one',
            `several roles of the backup would become ${merged.join(', ')}: their privileges could not be told apart`,
            'Map them to different roles, or leave privileges out (--no-acl).',
          ),
        ]),
    ...unknown.map(mappedToNothing),
    note('roles-mapped', `${[...roles].map(([from, to]) => `${from} becomes ${to}`).join(', ')}; ${texts}`),
  ];
}
