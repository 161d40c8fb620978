/** Reads `holdfast.yaml`. Every complaint names the file, the line and the column. Loaded only when there is one. */

import { readFile } from 'node:fs/promises';
import { isMap, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { messageOf } from '../domain/error.ts';
import { configErrors } from './errors.ts';
import { nearestName } from './nearest-name.ts';
import { configurationSchema, type ConfigurationFile } from './schema.ts';

export async function readConfigurationFile(path: string): Promise<ConfigurationFile> {
  const content = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw configErrors.make('settings-file', `cannot read ${path}: ${messageOf(cause)}`, { cause });
  });
  return parseConfiguration(content, path);
}

export function parseConfiguration(content: string, path: string): ConfigurationFile {
  const lines = new LineCounter();
  const document = parseDocument(content, { lineCounter: lines, prettyErrors: false });
  const broken = document.errors[0];
  if (broken !== undefined) {
    throw configErrors.make('settings-invalid', `${path}${at(lines, broken.pos[0])}: ${broken.message}`);
  }
  const result = configurationSchema.safeParse(document.toJS() ?? {});
  if (result.success) return result.data;
  const issue = deepest(result.error.issues);
  const place = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path;
  const where = at(lines, offsetOf(document, place));
  throw configErrors.make('settings-invalid', `${path}${where}: ${describe(issue, place)}`, hintFor(issue));
}

/** Of a union's alternatives the complaint of the one that fits best: the one that got furthest into the value. */
function deepest(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue {
  const [first] = issues;
  if (first === undefined) throw new TypeError('a failed validation without an issue');
  if (first.code !== 'invalid_union') return first;
  const alternatives = first.errors.flat().toSorted((one, other) => rank(other) - rank(one));
  const best = alternatives[0];
  return best === undefined ? first : deepest([{ ...best, path: [...first.path, ...best.path] }]);
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

function hintFor(issue: z.core.$ZodIssue): { readonly hint?: string } {
  if (issue.code !== 'unrecognized_keys') return {};
  const meant = nearestName(issue.keys[0] ?? '', knownKeys(issue.path));
  return meant === null ? {} : { hint: `Did you mean ${meant}?` };
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
