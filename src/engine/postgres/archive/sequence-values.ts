/** Sequence values as an archive sets them: `SELECT pg_catalog.setval('schema.name', 109, true);` (pg_dump.c, dumpSequenceData). */

import type { SequenceFingerprint } from '../../../domain/fingerprint.ts';
import { parseQualifiedName } from './copy-statement.ts';
import { archiveErrors } from './errors.ts';
import type { TocEntry } from './toc.ts';

const setvalForm = /^SELECT pg_catalog\.setval\(\s*E?'((?:[^']|'')*)',\s*(-?\d+),\s*(true|false)\);\s*$/;

export function sequenceValues(entries: readonly TocEntry[]): readonly SequenceFingerprint[] {
  return entries.filter((entry) => entry.desc === 'SEQUENCE SET').map(sequenceValue);
}

function sequenceValue(entry: TocEntry): SequenceFingerprint {
  const [, literal, lastValue, isCalled] = setvalForm.exec(entry.definition) ?? [];
  // An escape string doubles its backslashes; so does nothing else in it.
  const isEscaped = entry.definition.includes("setval(E'") || entry.definition.includes("setval( E'");
  const plain = literal?.replaceAll("''", "'");
  const target = plain === undefined ? null : parseQualifiedName(isEscaped ? plain.replaceAll('\\\\', '\\') : plain);
  if (target === null || lastValue === undefined) {
    throw archiveErrors.make('damaged-archive', `a sequence's value that cannot be read: ${entry.definition.trim()}`);
  }
  return { schema: target.schema, name: target.name, lastValue, isCalled: isCalled === 'true' };
}
