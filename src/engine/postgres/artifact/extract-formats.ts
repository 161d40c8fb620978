/** What `extract` can write from a backup, known without reading it. */

import type { Manifest } from '../../../domain/manifest.ts';
import type { ExtractFormat } from '../../engine.ts';

const sqlFormats: readonly ExtractFormat[] = [
  { name: 'sql', gzip: false },
  { name: 'sql.gz', gzip: true },
];

/** The backup's own form first. */
export function extractFormats(manifest: Manifest): readonly ExtractFormat[] {
  const has = (role: string): boolean => manifest.artifacts.some((artifact) => artifact.role === role);
  if (has('archive')) return [{ name: 'dump', gzip: false }, ...sqlFormats];
  return has('sql') ? sqlFormats : [];
}
