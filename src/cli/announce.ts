/** Every command says first which database it works on, where it learned that, and where the backups rest. */

import type { Configuration, DatabaseSettings } from '../config/configuration.ts';
import type { TargetSpec } from '../engine/engine.ts';
import type { Parts } from '../operations/parts.ts';
import type { Context } from './command.ts';
import { printable, shortPath } from './output/format.ts';

export async function announce(
  context: Context,
  configuration: Configuration,
  settings: DatabaseSettings | null,
  target: TargetSpec | null = settings?.target ?? null,
): Promise<void> {
  const { output } = context;
  const { repository } = configuration;
  const label = target === null ? null : labelOf(await context.parts(), target);
  if (target !== null && label !== null) {
    const name = settings === null ? '' : `${output.style.name(settings.name)}  `;
    output.info(`${name}${printable(label)}  ${output.style.dim(`(${target.origin})`)}`);
  }
  output.info(`repository  ${shortPath(repository.path, context.cwd)}  ${output.style.dim(`(${repository.origin})`)}`);
  output.emit({
    type: 'target',
    database: settings?.name ?? null,
    target: label,
    origin: target?.origin ?? null,
    repository: repository.path,
    repositoryOrigin: repository.origin,
  });
}

function labelOf(parts: Parts, target: TargetSpec): string {
  return parts.engines.forUrl(target.url).open(target).target.label;
}
