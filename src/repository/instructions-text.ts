/** `RESTORE.txt`: what this backup is, then the engine's commands to restore it without Holdfast. */

import { formatBytes } from '../domain/amounts.ts';
import type { Manifest } from '../domain/manifest.ts';
import { describeScope } from '../domain/scope.ts';

export function instructionsText(manifest: Manifest, body: string): string {
  const { origin, fingerprint } = manifest;
  const rows =
    fingerprint.mode === 'off'
      ? 'not counted'
      : `${String(fingerprint.rows)} rows in ${String(fingerprint.tables)} tables, see fingerprint.json.zst`;
  return [
    `Backup ${manifest.id}`,
    '',
    fact('database', `${printable(origin.databaseName)} on ${printable(origin.address)}`),
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
    'Check them first, in this folder:',
    '',
    '  sha256sum -c SHA256SUMS',
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
