import { exitCodeOf } from '../../domain/exit-code.ts';
import { hasBlocking, hasWarnings, type Finding } from '../../domain/finding.ts';
import { doctor } from '../../operations/doctor.ts';
import { announce } from '../announce.ts';
import { chooseTarget } from '../../requests/choose.ts';
import { defineCommand } from '../command.ts';
import { printable } from '../output/format.ts';
import { renderFacts } from '../output/table.ts';

const noDatabase: Finding = {
  severity: 'warning',
  code: 'no-database',
  message: 'no database is named, so only the repository was looked at',
  hint: 'Set DATABASE_URL, in the environment or in .env, or pass --url.',
};

export const command = defineCommand<{ readonly damage?: boolean }>({
  summary: 'look whether everything is ready',
  usage: '[DATABASE]',
  details:
    'Looks whether everything a backup and a restore need is there: client tools, connection, privileges, room on the\n' +
    'disk, the repository (a small object is written, read and deleted), what earlier runs left behind.\n' +
    'With --damage it reads every table to its end and checks every index instead, changes nothing, and says what the\n' +
    'newest good backup holds and how long each way back takes.',
  examples: [
    ['holdfast doctor', 'the configured database and the repository'],
    ['holdfast doctor --url postgres://app@db/app', 'another one'],
    ['holdfast doctor app --damage', 'what still reads, and the ways back'],
  ],
  exits: [14, 15, 16],
  addFlags: (command) => {
    command.option('--damage', 'read everything to its end: what is damaged, what are the ways back');
  },
  run: async (words, flags, context) => {
    const { output, work } = context;
    const chosen = await chooseTarget(words, context);
    if (flags.damage === true) return (await import('../doctor-damage.ts')).doctorDamage(chosen, context);
    await announce(context, chosen.configuration, chosen.settings);
    const parts = await context.parts();
    const target = chosen.settings?.target ?? null;
    const found = await doctor({ target }, parts, work);
    output.print(renderFacts(found.facts.map(([label, value]) => [output.style.dim(label), printable(value)])));
    const none = target === null ? [noDatabase] : [];
    const findings = [...chosen.configuration.findings, ...none, ...found.findings];
    for (const finding of findings) output.finding(finding);
    const isUnwell = hasBlocking(findings);
    const { style } = output;
    const verdict = hasWarnings(findings) ? style.warn('ready, with warnings') : style.good('✓ everything is ready');
    output.print([isUnwell ? style.bad('✗ not ready: see above') : verdict]);
    const exit = isUnwell ? 14 : exitCodeOf(findings);
    output.result('doctor', exit, {
      target: found.target?.label ?? null,
      repository: found.repository,
      facts: Object.fromEntries(found.facts),
      ready: !isUnwell,
    });
    return exit;
  },
});
