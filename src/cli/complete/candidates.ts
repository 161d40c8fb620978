/**
 * What may stand where the cursor is. Verbs and flags come from their definitions, so that a new one completes by itself:
 * a verb's usage says what its words are.
 */

import type { Option } from 'commander';
import { findLocalNames } from '../../config/local-names.ts';
import { parseBackupId } from '../../domain/backup-name.ts';
import type { Clock } from '../../domain/clock.ts';
import { makeCommand } from '../make-command.ts';
import { formatAge } from '../output/format.ts';
import { verbs } from '../verbs.ts';
import { readTyped, type Typed } from './typed-words.ts';
import { storedDatabases, storedIds } from './stored-names.ts';

export interface Candidate {
  /** `:files` and `:folders` leave it to the shell. */
  readonly value: string;
  readonly description: string;
}

export interface CompletionPlace {
  readonly environment: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly clock: Pick<Clock, 'now'>;
}

const idsShown = 100;

/** `words` follow the program's name; the last is the one being typed, perhaps empty. */
export async function findCandidates(words: readonly string[], place: CompletionPlace): Promise<readonly Candidate[]> {
  const typed = readTyped(words, []);
  const verb = verbs.find(({ name }) => name === typed.words[0]);
  const found = verb === undefined ? beforeVerb(typed) : await behindVerb(words, verb, place);
  return found.filter(({ value }) => value.startsWith(':') || value.startsWith(typed.current));
}

function beforeVerb(typed: Typed): readonly Candidate[] {
  if (typed.words.length > 0) return [];
  if (typed.pendingFlag !== null) return valuesOf(typed.pendingFlag, []);
  if (typed.current.startsWith('-')) return [candidate('--help'), candidate('--version')];
  return verbs.map(({ name, summary }) => candidate(name, summary));
}

async function behindVerb(
  words: readonly string[],
  verb: (typeof verbs)[number],
  place: CompletionPlace,
): Promise<readonly Candidate[]> {
  const { command: definition } = await verb.load();
  const { options } = makeCommand(verb.name, definition);
  const valued = options.filter(takesValue).flatMap(({ long, short }) => [long ?? '', short ?? '']);
  const typed = readTyped(words, valued);
  if (typed.pendingFlag !== null) return valuesOf(typed.pendingFlag, options);
  if (typed.current.startsWith('-')) return options.map(({ long, description }) => candidate(long ?? '', description));
  return wordsOf(definition.usage, typed, place);
}

function takesValue(option: Option): boolean {
  return option.required;
}

/** Of a flag whose value is a file or a folder, which its placeholder says: `--config <FILE>`. */
function valuesOf(flag: string, options: readonly Option[]): readonly Candidate[] {
  const flags = options.find(({ long, short }) => long === flag || short === flag)?.flags ?? flag;
  if (/<(?:FILE|PATH)>|^--(?:config|env-file)$/.test(flags)) return [candidate(':files')];
  return /<DIR>|^--repository$/.test(flags) ? [candidate(':folders')] : [];
}

/** The words of a usage: `[DATABASE] [BACKUP]`, `bash|zsh|fish`, `check | show`. */
async function wordsOf(usage: string, typed: Typed, place: CompletionPlace): Promise<readonly Candidate[]> {
  const slots = usage.replaceAll(/\s*\|\s*/g, '|').split(/\s+/);
  const given = typed.words.slice(1);
  const slot = slots[given.length] ?? '';
  if (/^\[?[a-z]/.test(slot))
    return slot
      .replaceAll(/[[\]]/g, '')
      .split('|')
      .map((word) => candidate(word));
  if (/FILE|PATH/.test(slot)) return [candidate(':files')];
  if (!/DATABASE|BACKUP/.test(slot)) return [];
  const { environment, cwd } = place;
  const local = await findLocalNames({ flags: typed.settings, environment, cwd });
  const databases = [...new Set([...local.databases, ...(await storedDatabases(local.repository))])];
  if (slot.includes('BACKUP')) return backupsOf(local.repository, given[given.length - 1] ?? '', place);
  const [only, second] = databases;
  const takesBackup = slots.slice(given.length + 1).some((next) => next.includes('BACKUP'));
  const backups =
    only !== undefined && second === undefined && takesBackup ? await backupsOf(local.repository, only, place) : [];
  return [...databases.map((name) => candidate(name, 'database')), ...backups];
}

async function backupsOf(
  repository: string,
  database: string,
  { clock }: CompletionPlace,
): Promise<readonly Candidate[]> {
  const ids = (await storedIds(repository, database)).slice(0, idsShown);
  if (ids.length === 0) return [];
  const nowMs = clock.now().getTime();
  return [
    candidate('latest', 'the newest whole backup'),
    ...ids.map((id) => candidate(id, formatAge(nowMs - (parseBackupId(id)?.time.getTime() ?? nowMs)))),
  ];
}

function candidate(value: string, description = ''): Candidate {
  return { value, description };
}
