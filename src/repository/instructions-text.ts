/** `RESTORE.txt`: what this backup is, then the engine's commands to restore it without Holdfast. */

import { countOf, formatBytes } from '../domain/amounts.ts';
import type { Manifest } from '../domain/manifest.ts';
import { describeScope } from '../domain/scope.ts';

export function instructionsText(manifest: Manifest, body: string): string {
  const { origin, fingerprint } = manifest;
  const rows =
    fingerprint.mode === 'off'
      ? 'not counted'
      : `${countOf(fingerprint.rows, 'row')} in ${countOf(fingerprint.tables, 'table')}, see fingerprint.json.zst`;
  return [
    `Backup ${manifest.id}`,
    '',
    fact('database', printable(origin.databaseName)),
    fact('from', printable(origin.address)),
    fact('made with', `${origin.product} ${origin.version}, ${origin.tool}, ${manifest.writer}`),
    fact('begun', manifest.started),
    fact('finished', manifest.finished),
    fact('holds', printable(describeScope(manifest.scope))),
    fact('contents', rows),
    ...(manifest.label === null ? [] : [fact('label', printable(manifest.label))]),
    ...(manifest.owners ? [] : [fact('note', 'owners were left out')]),
    ...(manifest.privileges ? [] : [fact('note', 'privileges were left out')]),
    '',
    'Files',
    '',
    ...manifest.artifacts.map(
      ({ name, plainBytes, storedBytes }) =>
        `  ${name}   ${formatBytes(storedBytes)}, ${formatBytes(plainBytes)} decompressed`,
    ),
    '',
    body.trimEnd(),
    '',
  ].join('\n');
}

function fact(name: string, value: string): string {
  return `  ${name.padEnd(10)} ${value}`;
}

/** Names may hold line breaks; here they must not look like lines of ours. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, '?');
}
