/** Reads `holdfast.yaml`. Every complaint names the file, the line and the column. Loaded only when there is one. */

import { isMap, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { messageOf } from '../domain/error.ts';
import { readSmallFile } from '../system/small-file.ts';
import { configErrors } from './errors.ts';
import { nearestName } from './nearest-name.ts';
import { configurationSchema, type ConfigurationFile } from './schema.ts';

export async function readConfigurationFile(path: string): Promise<ConfigurationFile> {
  const content = await readSmallFile(path).catch((cause: unknown) => {
    throw configErrors.make('settings-file', `cannot read ${path}: ${messageOf(cause)}`, { cause });
  });
  return parseConfiguration(content, path);
}

/** Throws `settings-invalid` with the first mistake. */
export function parseConfiguration(content: string, path: string): ConfigurationFile {
  const { mistakes, value } = findMistakes(content, path);
  if (value !== null) return value;
  const [first, ...others] = mistakes;
  if (first === undefined) throw new TypeError('settings that are neither right nor wrong');
  const more = others.length === 0 ? '' : ` (and ${String(others.length)} more: see \`holdfast config check\`)`;
  throw configErrors.make(
    'settings-invalid',
    `${first.message}${more}`,
    first.hint === null ? {} : { hint: first.hint },
  );
}

/** Settings as a program gives them. Throws `settings-invalid` with the first mistake. */
export function readSettings(settings: unknown, label: string): ConfigurationFile {
  const result = configurationSchema.safeParse(settings);
  if (result.success) return result.data;
  const [issue] = withoutEchoes(result.error.issues.map(deepest));
  const [place] = issue === undefined ? [] : placesOf(issue);
  if (issue === undefined || place === undefined) throw new TypeError('settings that are neither right nor wrong');
  const hint = hintFor(issue, place);
  throw configErrors.make('settings-invalid', `${label}: ${describe(issue, place)}`, hint === null ? {} : { hint });
}

export interface Mistake {
  /** `holdfast.yaml:3:5: unknown setting databases.app.fromats` */
  readonly message: string;
  /** Null: nothing better than the list of settings. */
  readonly hint: string | null;
}

/** Every mistake in the order of the file; `value` is null when there is one. */
export function findMistakes(
  content: string,
  path: string,
): { readonly mistakes: readonly Mistake[]; readonly value: ConfigurationFile | null } {
  const lines = new LineCounter();
  const read = readDocument(content, lines);
  if (!read.ok) return { mistakes: [{ message: `${path}: ${read.problem}`, hint: null }], value: null };
  const { document, plain } = read;
  const broken = document.errors.map(({ message, pos }) => ({
    message: `${path}${at(lines, pos[0])}: ${message}`,
    hint: null,
  }));
  if (broken.length > 0) return { mistakes: broken, value: null };
  const result = configurationSchema.safeParse(plain ?? {});
  if (result.success) return { mistakes: [], value: result.data };
  const placed = withoutEchoes(result.error.issues.map(deepest)).flatMap((issue) =>
    placesOf(issue).map((place) => {
      const offset = offsetOf(document, place);
      return { offset, message: `${path}${at(lines, offset)}: ${describe(issue, place)}`, hint: hintFor(issue, place) };
    }),
  );
  placed.sort((one, other) => (one.offset ?? 0) - (other.offset ?? 0));
  return { mistakes: placed.map(({ message, hint }) => ({ message, hint })), value: null };
}

type ReadDocument =
  | { readonly ok: true; readonly document: Document; readonly plain: unknown }
  | { readonly ok: false; readonly problem: string };

/** Text that the parser gives up on (nested too deep, aliases of aliases of aliases) is a mistake of the text. */
function readDocument(content: string, lineCounter: LineCounter): ReadDocument {
  try {
    const document = parseDocument(content, { lineCounter, prettyErrors: false });
    return { ok: true, document, plain: document.errors.length > 0 ? null : document.toJS() };
  } catch (thrown) {
    if (thrown instanceof RangeError) return { ok: false, problem: 'it is nested too deep' };
    if (thrown instanceof ReferenceError) return { ok: false, problem: 'its aliases stand for too much' };
    throw thrown;
  }
}

/** A rule over several keys is broken as well where one of them is misspelt: that says nothing more. */
function withoutEchoes(issues: readonly z.core.$ZodIssue[]): readonly z.core.$ZodIssue[] {
  const unknown = issues.filter(({ code }) => code === 'unrecognized_keys').map(({ path }) => path.join('.'));
  return issues.filter(({ code, path }) => code !== 'custom' || !unknown.includes(path.join('.')));
}

/** One place per unknown key. */
function placesOf(issue: z.core.$ZodIssue): readonly (readonly PropertyKey[])[] {
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
}

/** Of a union's alternatives the complaint of the one that fits best: the one that got furthest into the value. */
function deepest(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union') return issue;
  const alternatives = issue.errors.flat().toSorted((one, other) => rank(other) - rank(one));
  const best = alternatives[0];
  return best === undefined ? issue : deepest({ ...best, path: [...issue.path, ...best.path] });
}

function rank(issue: z.core.$ZodIssue): number {
  return issue.path.length * 2 + (issue.code === 'invalid_type' ? 0 : 1);
}

function describe(issue: z.core.$ZodIssue, place: readonly PropertyKey[]): string {
  const key = place.map(String).join('.');
  if (issue.code === 'unrecognized_keys') return `unknown setting ${key}`;
  if (issue.code === 'invalid_key') return `${key}: ${issue.issues[0]?.message ?? issue.message}`;
  return `${key === '' ? 'the file' : key}: ${issue.message.replace(/^Invalid \w+: /, '')}`;
}

function hintFor(issue: z.core.$ZodIssue, place: readonly PropertyKey[]): string | null {
  if (issue.code !== 'unrecognized_keys') return null;
  const meant = nearestName(String(place.at(-1)), knownKeys(issue.path));
  return meant === null ? null : `Did you mean ${meant}?`;
}

/** The keys the schema knows at this place. */
function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  let schema: unknown = configurationSchema;
  for (const step of path) schema = descend(schema, step);
  return unwrap(schema).flatMap((candidate) => Object.keys(shapeOf(candidate) ?? {}));
}

function descend(schema: unknown, step: PropertyKey): unknown {
  for (const candidate of unwrap(schema)) {
    const shape = shapeOf(candidate);
    if (shape !== null && step in shape) return shape[step as keyof typeof shape];
    const inner = (candidate as { def?: { valueType?: unknown; element?: unknown } }).def;
    const next = inner?.valueType ?? inner?.element;
    if (next !== undefined) return next;
  }
  return null;
}

function shapeOf(schema: unknown): Readonly<Record<string, unknown>> | null {
  for (const candidate of unwrap(schema)) {
    const shape = (candidate as { shape?: Record<string, unknown> }).shape;
    if (shape !== undefined) return shape;
  }
  return null;
}

/** A schema without what wraps it: optional, default, the alternatives of a union. */
function unwrap(schema: unknown): readonly unknown[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const def = (schema as { def?: { innerType?: unknown; options?: readonly unknown[]; in?: unknown } }).def;
  if (def?.options !== undefined) return def.options.flatMap(unwrap);
  if (def?.innerType !== undefined) return unwrap(def.innerType);
  return def?.in === undefined ? [schema] : unwrap(def.in);
}

/** Where the value stands; for a key of a map, where the key stands. */
function offsetOf(document: Document, place: readonly PropertyKey[]): number | null {
  for (let length = place.length; length > 0; length -= 1) {
    const parent: unknown = length === 1 ? document.contents : document.getIn(place.slice(0, length - 1), true);
    const key = place[length - 1];
    if (isMap(parent)) {
      const pair = parent.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
      if (isScalar(pair?.key)) return pair.key.range?.[0] ?? null;
    }
    const value: unknown = document.getIn(place.slice(0, length), true);
    if (typeof value === 'object' && value !== null && 'range' in value && Array.isArray(value.range)) {
      return Number(value.range[0]);
    }
  }
  return null;
}

function at(lines: LineCounter, offset: number | null): string {
  if (offset === null) return '';
  const { line, col } = lines.linePos(offset);
  return `:${String(line)}:${String(col)}`;
}
