/** Which of a backup's files to read. */

import type { ArtifactRecord, ArtifactRole } from '../../../../domain/artifact.ts';
import type { Manifest } from '../../../../domain/manifest.ts';
import { restoreErrors } from '../errors.ts';

/** The first of these roles that the backup has. Throws `artifact-missing`. */
export function chooseArtifact(manifest: Manifest, roles: readonly ArtifactRole[]): ArtifactRecord {
  for (const role of roles) {
    const artifact = manifest.artifacts.find((one) => one.role === role);
    if (artifact !== undefined) return artifact;
  }
  throw restoreErrors.make('artifact-missing', `backup ${manifest.id} holds no ${roles.join(' or ')}`);
}
