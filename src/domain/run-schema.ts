/** The lines of the run journal: one when a run begins, one when it ends, and one when somebody could not be told. */

import { z } from 'zod';
import { countSchema, findingSchema, timeSchema } from './manifest-schema.ts';
import { restoreDeeds, runVerbs, type RunRecord, type RunStart } from './run.ts';
import type { ExitCode } from './error.ts';
import type { Finding } from './finding.ts';

export type JournalEntry =
  | ({ readonly event: 'start' } & RunStart)
  | ({ readonly event: 'end' } & RunRecord)
  | { readonly event: 'told'; readonly id: string; readonly exit: ExitCode; readonly findings: readonly Finding[] };

const exitSchema = z.union(
  ([0, 1, 2, 3, 10, 11, 12, 13, 14, 15, 16, 44, 130] as const satisfies readonly ExitCode[]).map((code) =>
    z.literal(code),
  ),
);
const findings = z.array(findingSchema).readonly();
const text = z.string();

const start = {
  id: text,
  verb: z.enum(runVerbs),
  database: text.nullable(),
  repository: text.nullable(),
  started: timeSchema,
  host: text,
  writer: text,
  pid: z.int(),
  startedTicks: z.number().nullable(),
};

const end = {
  ...start,
  target: text.nullable(),
  backup: text.nullable(),
  state: z.enum(['stored', 'verified', 'proven', 'damaged']).nullable(),
  plainBytes: countSchema.nullable(),
  storedBytes: countSchema.nullable(),
  files: countSchema.nullable(),
  did: z.enum(restoreDeeds).nullable(),
  finished: timeSchema,
  durationMs: z.number().min(0),
  outcome: z.enum(['done', 'warnings', 'failed', 'interrupted', 'refused']),
  exit: exitSchema,
  error: z.object({ code: text, message: text, hint: text }).readonly().nullable(),
  findings,
};

const entrySchema: z.ZodType<JournalEntry> = z.discriminatedUnion('event', [
  z.object({ event: z.literal('start'), ...start }).readonly(),
  z.object({ event: z.literal('end'), ...end }).readonly(),
  z.object({ event: z.literal('told'), id: text, exit: exitSchema, findings }).readonly(),
]);

/** Null for a line that was torn by a crash, or written by a version that knows more. */
export function parseJournalLine(line: string): JournalEntry | null {
  try {
    const parsed = entrySchema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : null;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return null;
    throw thrown;
  }
}
