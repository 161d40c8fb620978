import { decisionAnswer, expiryAnswer } from '../../answers/expiry.ts';
import { rulesFor } from '../../config/keep-rules.ts';
import { exitCodeOf } from '../../domain/exit-code.ts';
import { describeRules } from '../../domain/retention/keep-rules.ts';
import type { ExpiryResult } from '../../operations/expiry.ts';
import { prune, pruneFailure } from '../../operations/prune.ts';
import { announce } from '../announce.ts';
import { choose } from '../../requests/choose.ts';
import type { Context } from '../command.ts';
import { databasesToPrune } from '../../requests/prune-each.ts';
import { decisionTable, expirySummary } from '../output/expiry-text.ts';
import { defineRun } from '../run/define-run.ts';

interface PruneFlags {
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

export const command = defineRun<PruneFlags>('prune', {
  summary: 'let go what no rule keeps',
  usage: '[DATABASE]',
  details:
    'Applies the rules of keep: in holdfast.yaml. What no rule keeps is hidden first; its bytes are deleted by a later run,\n' +
    'when 24 hours are over. Until then holdfast pin brings it back. Every backup applies the rules, too. Nothing goes when\n' +
    'half of all backups would, or when the clock seems wrong.',
  examples: [
    ['holdfast prune --dry-run', 'every backup, and why it stays or goes'],
    ['holdfast prune app', 'the backups of app'],
    ['holdfast prune app --force', 'although half of all would go'],
  ],
  exits: [10],
  addFlags: (command) => {
    command.optionsGroup('Prune:').option('--force', 'go on although half of all would go, or the clock jumped');
  },
  run: async (words, flags, context) => {
    const { output } = context;
    const { databases, chosen } = await databasesToPrune(
      words.length > 0,
      (options) => choose(words, context, options),
      context,
    );
    await announce(context, chosen.configuration, chosen.settings);
    const results: ExpiryResult[] = [];
    for (const database of databases) {
      const rules = rulesFor(chosen.configuration.keep, database);
      if (rules !== null) {
        const { origin } = chosen.configuration.keep;
        output.info(
          `${output.style.name(database)}  keeps ${describeRules(rules)}  ${output.style.dim(`(${origin})`)}`,
        );
      }
      const request = { database, rules, force: flags.force === true, dryRun: flags.dryRun === true };
      const result = await prune(request, await context.parts(), context.work);
      results.push(result);
      say(result, context);
    }
    const failure = pruneFailure(results);
    if (failure !== null) throw failure;
    const exit = exitCodeOf(results.flatMap(({ findings }) => findings));
    output.result('prune', exit, {
      ...(flags.dryRun === true ? { dryRun: true } : {}),
      databases: results.map(expiryAnswer),
    });
    return exit;
  },
});

function say(result: ExpiryResult, { output, clock, common }: Context): void {
  for (const finding of result.findings) output.finding(finding);
  const { style } = output;
  if (result.dryRun || common.verbose === true) output.print(decisionTable(result, clock.now(), style));
  for (const decision of result.decisions) output.emit({ type: 'retention', ...decisionAnswer(decision) });
  output.print(expirySummary(result, style));
}
