/** From what was found, and a few questions to the person at the terminal, to the settings to write. */

import type { Configuration } from '../../config/configuration.ts';
import type { Surroundings } from '../../config/detect/look-around.ts';
import type { Context } from '../command.ts';
import { shortPath } from '../output/format.ts';
import { findCandidates } from './candidates.ts';
import type { Draft } from './draft.ts';

const none = 'none';

export async function chooseDraft(
  configuration: Configuration,
  around: Surroundings,
  context: Context,
): Promise<Draft> {
  const { repository } = configuration;
  return {
    database: await chooseDatabase(configuration, around, context),
    repository: { path: shortPath(repository.path, context.cwd), origin: repository.origin },
    keep: await chooseKeep(configuration, context),
  };
}

async function chooseDatabase(
  { databases: [found] }: Configuration,
  around: Surroundings,
  { prompt, common }: Context,
): Promise<Draft['database']> {
  if (found !== undefined && found.target !== null) {
    const { name, target } = found;
    // A flag is gone with this run: what it named has to be written down.
    const via = common.via ?? null;
    if (!target.origin.startsWith('--url')) return { name, via, address: { kind: 'elsewhere', origin: target.origin } };
    const variable = /^env:([A-Za-z_]\w*)$/.exec(common.url ?? '')?.[1];
    if (variable !== undefined) return { name, via, address: { kind: 'variable', name: variable } };
    return { name, via, address: { kind: 'url', url: withoutPassword(target.url) } };
  }
  if (!prompt.isPossible) return null;
  const candidates = findCandidates(around);
  if (candidates.length === 0) return null;
  const answer = await prompt.choose('Which database should be protected?', [
    ...candidates.map(({ label }, index) => ({ value: String(index), label })),
    { value: none, label: 'another one: I will write it into the file' },
  ]);
  return candidates[Number(answer)]?.database ?? null;
}

async function chooseKeep({ keep }: Configuration, { prompt }: Context): Promise<Draft['keep']> {
  if (keep.origin !== '' || !prompt.isPossible) return null;
  const answer = await prompt.choose('How long should backups be kept?', [
    { value: 'classes', label: '30 daily, 12 weekly, 12 monthly, 7 yearly ones' },
    { value: none, label: 'for ever: nothing is deleted' },
  ]);
  return answer === none ? null : { daily: 30, weekly: 12, monthly: 12, yearly: 7 };
}

/** The password stays out of the file; PGPASSWORD or ~/.pgpass gives it then. */
function withoutPassword(url: string): string {
  return url.replace(/^(postgres(?:ql)?:\/\/[^@/:]*):.*(?=@)/i, '$1');
}
