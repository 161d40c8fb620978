import { exitCodeOf } from '../../domain/exit-code.ts';
import type { ExitCode } from '../../domain/error.ts';
import { lookAround, type Surroundings } from '../../config/detect/look-around.ts';
import { announce } from '../announce.ts';
import { defineCommand, type Context } from '../command.ts';
import type { CommonFlags } from '../flags.ts';
import { chooseDraft } from '../init/choose-draft.ts';
import { draftSettings, type Draft } from '../init/draft.ts';
import { foundLines } from '../init/found-text.ts';
import { nextSteps } from '../init/next-steps.ts';
import { freeSettingsPath, settingsFile, writeSettings } from '../init/settings-file.ts';
import { runInside } from '../inner-command.ts';
import { printable } from '../output/format.ts';
import { renderFacts } from '../output/table.ts';
import { command as backup } from './backup.ts';
import { command as drill } from './drill.ts';

export const command = defineCommand<{ readonly dryRun?: boolean }>({
  summary: 'set up: settings, a first backup, its proof',
  usage: '',
  details:
    'Looks around (environment, .env, Compose file, Prisma schema, local servers, scripts and crontab lines that make\n' +
    'backups today), asks little, writes holdfast.yaml, takes the first backup and proves it. Passwords stay where they\n' +
    'are. Without a terminal it writes the file and stops there, unless --yes is given.',
  examples: [
    ['holdfast init', 'asks what it cannot find out'],
    ['holdfast init --yes', 'asks nothing: what was found, and what is usual'],
    ['holdfast init --dry-run', 'shows the file it would write'],
  ],
  exits: [15, 16],
  addFlags: () => undefined,
  run: async (_words, flags, context) => {
    const { output, work } = context;
    const configuration = await context.configuration();
    const path = freeSettingsPath(context.cwd, context.common.config);
    const around = await lookAround(context.cwd, work.signal);
    await announce(context, configuration, configuration.databases[0] ?? null);
    output.print(renderFacts(foundLines(around).map(([label, value]) => [output.style.dim(label), value])));
    const draft = await chooseDraft(configuration, around, context);
    const text = draftSettings(draft);
    if (flags.dryRun === true) {
      output.print([
        `would write ${settingsFile}:`,
        ...text
          .trimEnd()
          .split('\n')
          .map((line) => `  ${printable(line)}`),
      ]);
      output.result('init', 0, { dryRun: true, file: path, content: text });
      return 0;
    }
    await writeSettings(path, text);
    output.print([`${output.style.good('✓')} wrote ${settingsFile}`]);
    for (const finding of configuration.findings) output.finding(finding);
    const exit = await firstBackup(draft, context);
    const worst = exit === 0 ? exitCodeOf(configuration.findings) : exit;
    return lastWords({ path, draft, around, exit: worst }, context);
  },
});

/** Takes and proves it where that was agreed to; 0 when there is nothing to do. */
async function firstBackup({ database }: Draft, context: Context): Promise<ExitCode> {
  if (database === null || !(context.prompt.isPossible || context.common.yes === true)) return 0;
  const place = { environment: context.environment, cwd: context.cwd };
  const words = [database.name, ...settingsFlags(context.common)];
  const taken = await runInside(context, place, { name: 'backup', definition: backup, words });
  const proven = await runInside(context, place, { name: 'drill', definition: drill, words });
  return taken === 0 ? proven : taken;
}

/** Where this run was told to look, the runs inside look too. */
function settingsFlags({ envFile, config, repository, via }: CommonFlags): readonly string[] {
  const given = { 'env-file': envFile, config, repository, via };
  return Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]));
}

interface Outcome {
  readonly path: string;
  readonly draft: Draft;
  readonly around: Surroundings;
  readonly exit: ExitCode;
}

function lastWords({ path, draft, around, exit }: Outcome, context: Context): ExitCode {
  const { output } = context;
  const hasRun = draft.database !== null && (context.prompt.isPossible || context.common.yes === true);
  const steps = nextSteps({ database: draft.database?.name ?? null, hasRun, around });
  output.print([
    '',
    output.style.bold('What comes next'),
    ...renderFacts(steps.map(([what, how]) => [`  ${what}`, how])),
  ]);
  output.result('init', exit, {
    file: path,
    database: draft.database?.name ?? null,
    backedUp: hasRun,
    found: around,
    next: steps.map(([what, how]) => ({ what, how })),
  });
  return exit;
}
