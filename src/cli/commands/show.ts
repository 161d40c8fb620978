import { backupDetailsAnswer, sizesOf } from '../../answers/stored-backup.ts';
import { formatBytes, formatDuration } from '../../domain/amounts.ts';
import { deletableFrom } from '../../domain/backup-hold.ts';
import { describeSalvage } from '../../domain/damage.ts';
import type { Manifest } from '../../domain/manifest.ts';
import type { Mark, ProofMark } from '../../domain/mark.ts';
import { describeScope } from '../../domain/scope.ts';
import { show, type ShowResult } from '../../operations/show.ts';
import { announce } from '../announce.ts';
import { choose } from '../../requests/choose.ts';
import { defineCommand } from '../command.ts';
import { contentText, holdText, stateText } from '../output/backup-text.ts';
import { comparisonLines } from '../output/comparison-text.ts';
import { formatAge, formatTime, printable } from '../output/format.ts';
import type { Style } from '../output/style.ts';
import { renderFacts, renderTable } from '../output/table.ts';

export const command = defineCommand<object>({
  summary: 'show all that is known of a backup',
  usage: '[DATABASE] [BACKUP]',
  details: 'Shows what a backup holds, where it came from, its files, and what was found out about it since.',
  examples: [
    ['holdfast show', 'the newest backup'],
    ['holdfast show app 20261121T02', 'by the beginning of its id'],
  ],
  exits: [10, 13, 15],
  addFlags: () => undefined,
  run: async (words, _flags, context) => {
    const { output, work } = context;
    const chosen = await choose(words, context);
    await announce(context, chosen.configuration, chosen.settings);
    const parts = await context.parts();
    const found = await show({ database: chosen.database, backup: chosen.backup ?? 'latest' }, parts, work);
    output.print(describe(found, parts.timeZone, output.style));
    output.result('show', 0, { ...backupDetailsAnswer(found) });
    return 0;
  },
});

function describe(found: ShowResult, timeZone: string, style: Style): readonly string[] {
  const { manifest, state, folder } = found.backup;
  const { origin } = manifest;
  const sizes = sizesOf(manifest);
  const time = (iso: string): string => `${formatTime(new Date(iso), timeZone)} ${timeZone}`;
  const facts: (readonly [string, string])[] = [
    ['state', `${stateText(state, style)}${holdText(found.backup.hold, style)}`],
    ...holdOf(found, time),
    ['holds', `${describeScope(manifest.scope)}, ${contentText(manifest)}`],
    ...(manifest.salvage === undefined ? [] : [['salvaged', describeSalvage(manifest.salvage)] as const]),
    ['taken', `${time(manifest.finished)} (${formatAge(found.ageMs)}), in ${formatDuration(manifest.durationMs)}`],
    ['from', `${origin.product} ${origin.version}, ${printable(origin.databaseName)} at ${printable(origin.address)}`],
    ['by', `${manifest.writer} on ${printable(manifest.host)}, ${origin.tool}`],
    ['size', `${formatBytes(sizes.plainBytes)}, stored as ${formatBytes(sizes.storedBytes)}`],
    ['fingerprint', manifest.fingerprint.mode],
    ...(manifest.label === null ? [] : [['label', printable(manifest.label)] as const]),
    ...needsOf(found),
    ['folder', printable(folder)],
    ['extract as', found.extractFormats.map(({ name }) => name).join(', ')],
  ];
  const files = found.files.map(({ name, sizeBytes }) => [`  ${printable(name)}`, formatBytes(sizeBytes)]);
  return [
    `${style.bold(manifest.database)}  ${style.name(manifest.id)}`,
    ...renderFacts(facts.map(([label, value]) => [`  ${style.dim(label)}`, value])),
    '',
    ...renderTable([{ title: '  FILE' }, { title: 'SIZE', align: 'right' }], files),
    ...lossLines(manifest, style),
    ...found.backup.marks.flatMap((mark) => ['', ...markLines(mark, time(mark.time), style)]),
    ...found.backup.strangers.map((name) => style.dim(`unknown file beside it: ${printable(name)}`)),
  ];
}

function lossLines({ salvage, findings }: Manifest, style: Style): readonly string[] {
  if (salvage === undefined) return [];
  const losses = findings.filter(({ severity }) => severity === 'warning');
  return ['', ...losses.map(({ message }) => `${style.warn('!')} ${printable(message)}`)];
}

/** What that means for it: who pinned it why, when its bytes go. */
function holdOf(
  { backup: { hold } }: ShowResult,
  time: (iso: string) => string,
): readonly (readonly [string, string])[] {
  const from = deletableFrom(hold);
  if (from !== null)
    return [['goes', `its bytes are deleted after ${time(from.toISOString())}; holdfast pin keeps it`]];
  if (hold.kind !== 'pinned') return [];
  return [['pinned', `${time(hold.since)}${hold.reason === null ? '' : `: ${printable(hold.reason)}`}`]];
}

function markLines(mark: Mark, time: string, style: Style): readonly string[] {
  switch (mark.kind) {
    case 'proof':
      return proofLines(mark, time, style);
    case 'verified':
      return [`${style.name('verified')} ${time}: every byte of ${String(mark.files.length)} files`];
    case 'damaged': {
      const problems = mark.problems.map(({ file, message }) => `  ${printable(file)}: ${printable(message)}`);
      return [`${style.bad('damaged')} ${time}, met by ${mark.foundBy}`, ...problems];
    }
    case 'pin':
    case 'unpin':
      return [`${style.name(mark.kind)} ${time} on ${printable(mark.host)}${because(mark.reason)}`];
    case 'expired':
      return [`${style.warn('expired')} ${time}, by ${printable(mark.by)}${because(mark.reason)}`];
  }
}

function because(reason: string | null): string {
  return reason === null || reason === '' ? '' : `: ${printable(reason)}`;
}

function needsOf({ backup }: ShowResult): readonly (readonly [string, string])[] {
  const { roles, tablespaces, extensions } = backup.manifest.needs;
  const needs = [
    ...(roles.length > 0 ? [`roles ${roles.join(', ')}`] : []),
    ...(tablespaces.length > 0 ? [`tablespaces ${tablespaces.join(', ')}`] : []),
    ...(extensions.length > 0
      ? [`extensions ${extensions.map(({ name, version }) => `${name} ${version}`).join(', ')}`]
      : []),
  ];
  return needs.length === 0 ? [] : [['needs', printable(needs.join('; '))]];
}

function proofLines(mark: ProofMark, time: string, style: Style): readonly string[] {
  const verdict = mark.outcome === 'proven' ? style.good('proven') : style.bad(mark.outcome);
  return [
    `${verdict} ${time}: restored into ${printable(mark.place)} in ${formatDuration(mark.restoreMs)}`,
    ...(mark.comparison === null ? [] : comparisonLines(mark.comparison, style).map((line) => `  ${line}`)),
    ...mark.checks.map(({ check, expected, actual, ok }) =>
      ok
        ? `  ${style.good('✓')} ${printable(check)}: ${printable(actual)}`
        : `  ${style.bad('✗')} ${printable(check)}: ${printable(actual)} instead of ${printable(expected)}`,
    ),
  ];
}
