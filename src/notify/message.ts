/**
 * The face of everything people are told: what happened, what it means, what to do. A pure rendering of a run; channels
 * only give it their form. What goes in comes from a run's record, which holds no secret.
 */

import { formatBytes, formatDuration } from '../domain/amounts.ts';
import type { Finding } from '../domain/finding.ts';
import type { MessageKind } from '../domain/message-kind.ts';
import { isSuccess, type RunRecord } from '../domain/run.ts';
import { actionOf, describeSuccess, meaningOfFailure, meaningOfSuccess } from './run-words.ts';

export interface Message {
  readonly kind: MessageKind | 'test';
  /** One line: `backup of app failed on db1`. */
  readonly title: string;
  readonly happened: string;
  readonly means: string;
  /** Empty when there is nothing to do. */
  readonly toDo: readonly string[];
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** Equal for all messages about the same thing, so that a success closes what a failure opened. */
  readonly key: string;
  /** Unique, also over machines. */
  readonly id: string;
  readonly host: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  /** Null for a test. */
  readonly run: RunRecord | null;
}

/** Chats and mail programs cut longer texts, some refuse them. */
const maximumTextLength = 1200;
const maximumFindings = 5;

export function messageOf(run: RunRecord): Message {
  const kind = kindOf(run);
  const name = run.database ?? 'a database';
  const how = { success: 'done', warning: 'done, with warnings', failure: failureWord(run) }[kind];
  return {
    kind,
    title: `${run.verb} of ${name} ${how} on ${run.host}`,
    happened: clip(happenedIn(run)),
    means: isSuccess(run) ? meaningOfSuccess(run) : meaningOfFailure(run),
    toDo: toDoAfter(run).map(clip),
    facts: factsOf(run),
    key: `holdfast:${run.verb}:${run.database ?? ''}`,
    id: run.id,
    host: run.host,
    time: run.finished,
    run,
  };
}

export function testMessage(about: Pick<Message, 'id' | 'host' | 'time'>): Message {
  return {
    kind: 'test',
    title: `test message from ${about.host}`,
    happened: 'Somebody ran "holdfast notify test".',
    means: 'This channel works: what happens to the backups will be told here.',
    toDo: [],
    facts: [['host', about.host]],
    key: 'holdfast:test',
    ...about,
    run: null,
  };
}

function kindOf({ outcome }: RunRecord): MessageKind {
  if (outcome === 'done') return 'success';
  return outcome === 'warnings' ? 'warning' : 'failure';
}

function failureWord({ outcome }: RunRecord): string {
  return outcome === 'interrupted' ? 'was interrupted' : 'failed';
}

function happenedIn(run: RunRecord): string {
  if (isSuccess(run)) return describeSuccess(run);
  return sentence(run.error?.message ?? `the ${actionOf(run)} did not end well`);
}

function toDoAfter(run: RunRecord): readonly string[] {
  const warnings = run.findings.filter(({ severity }) => severity === 'warning');
  if (!isSuccess(run)) return run.error === null ? [] : [run.error.hint];
  const shown = warnings.slice(0, maximumFindings).map(warningText);
  const more = warnings.length - shown.length;
  return more > 0 ? [...shown, `And ${String(more)} more; the log has them.`] : shown;
}

function warningText({ message, hint }: Finding): string {
  return `${sentence(message)}${hint === '' ? '' : ` ${hint}`}`;
}

function factsOf(run: RunRecord): Message['facts'] {
  const facts: (readonly [string, string | null])[] = [
    ['database', run.database],
    ['backup', run.backup],
    ['size', run.plainBytes === null ? null : formatBytes(run.plainBytes)],
    ['stored', run.storedBytes === null ? null : formatBytes(run.storedBytes)],
    ['duration', formatDuration(run.durationMs)],
    ['state', run.state],
    ['error', run.error?.code ?? null],
    ['exit code', String(run.exit)],
    ['address', run.target],
    ['host', run.host],
    ['repository', run.repository],
    ['run', run.id],
  ];
  return facts.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
}

/** Messages are written lower case, without a full stop. */
function sentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(begun) ? begun : `${begun}.`;
}

function clip(text: string): string {
  const flat = text.replaceAll(/\s*\n\s*/g, '; ');
  return flat.length <= maximumTextLength ? flat : `${flat.slice(0, maximumTextLength)}…`;
}
