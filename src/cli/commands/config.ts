import { configErrors } from '../../config/errors.ts';
import { findSettingsFile } from '../../config/sources.ts';
import { messageOf, type ExitCode } from '../../domain/error.ts';
import { exitCodeOf } from '../../domain/exit-code.ts';
import type { TargetSpec } from '../../engine/engine.ts';
import { readSmallFile } from '../../system/small-file.ts';
import { defineCommand, type Context } from '../command.ts';
import { requestErrors } from '../../requests/errors.ts';
import { counted, printable } from '../output/format.ts';
import { renderFacts } from '../output/table.ts';

export const command = defineCommand<object>({
  summary: 'check or show the settings',
  usage: 'check | show | schema',
  details:
    'check: every mistake of holdfast.yaml with its line, its column and the name that was probably meant; then what the\n' +
    'environment and .env files add. show: what counts in the end and where it was read, without secrets. schema: the JSON\n' +
    'Schema of holdfast.yaml, for editors.',
  examples: [
    ['holdfast config check', 'mistakes, if there are any'],
    ['holdfast config show', 'what counts in the end'],
    ['holdfast config schema > holdfast.schema.json', 'for the editor'],
  ],
  exits: [],
  addFlags: () => undefined,
  run: async ([word, ...others], _flags, context) => {
    if (others.length > 0) throw requestErrors.make('usage', `"${others[0] ?? ''}" is one word too many`);
    if (word === 'check') return check(context);
    if (word === 'show') return show(context);
    if (word === 'schema') return schema(context);
    throw requestErrors.make(
      'usage',
      word === undefined ? 'config check, or config show?' : `config knows no "${word}"`,
      {
        hint: 'Say config check, config show or config schema.',
      },
    );
  },
});

async function check(context: Context): Promise<ExitCode> {
  const { output } = context;
  const mistakes = await listMistakes(context);
  if (mistakes > 0) {
    throw configErrors.make('settings-invalid', `${counted(mistakes, 'mistake')} in the settings, named above`);
  }
  const configuration = await context.configuration();
  for (const finding of configuration.findings) output.finding(finding);
  const file = findSettingsFile(context.loadRequest);
  const names = configuration.databases.map(({ name }) => name);
  const databases = names.length === 0 ? 'no database' : `${counted(names.length, 'database')}: ${names.join(', ')}`;
  output.print([
    `${output.style.good('✓')} ${file === null ? 'no settings file' : printable(file.label)}; ${databases}`,
  ]);
  const exit = exitCodeOf(configuration.findings);
  output.result('config check', exit, { file: file?.path ?? null, databases: names });
  return exit;
}

/** All of them are said; the usual reading stops at the first. */
async function listMistakes({ output, loadRequest }: Context): Promise<number> {
  const file = findSettingsFile(loadRequest);
  if (file === null) return 0;
  const content = await readSmallFile(file.path).catch((cause: unknown) => {
    throw configErrors.make('settings-file', `cannot read ${file.path}: ${messageOf(cause)}`, { cause });
  });
  const { findMistakes } = await import('../../config/yaml-file.ts');
  const { mistakes } = findMistakes(content, file.label);
  for (const { message, hint } of mistakes) {
    output.finding({ severity: 'blocking', code: 'settings-invalid', message, hint: hint ?? '' });
  }
  return mistakes.length;
}

async function show(context: Context): Promise<ExitCode> {
  const { output } = context;
  const { explainConfiguration } = await import('../../config/explain.ts');
  const { engines } = await context.parts();
  const describe = (target: TargetSpec): string => engines.forUrl(target.url).open(target).target.label;
  const settings = explainConfiguration(await context.configuration(), describe);
  output.print(
    renderFacts(
      settings.map(({ setting, value, origin }) => [
        output.style.dim(setting),
        `${printable(value)}${origin === null ? '' : `  ${output.style.dim(`(${origin})`)}`}`,
      ]),
    ),
  );
  output.result('config show', 0, { settings });
  return 0;
}

async function schema({ output }: Context): Promise<ExitCode> {
  const { configurationJsonSchema } = await import('../../config/json-schema.ts');
  const found = configurationJsonSchema();
  output.print(JSON.stringify(found, null, 2).split('\n'));
  output.result('config schema', 0, { schema: found });
  return 0;
}
