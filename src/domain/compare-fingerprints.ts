/**
 * Compares what a database held in the backed-up snapshot with what a restored copy holds. Every difference is listed:
 * a thing missing, a thing too many, another number of rows, other content. What was not compared is counted, not
 * passed over.
 *
 * Rows loaded through a partition root may come to rest in other leaves (a hash function that differs, bounds that moved):
 * leaves of one root are compared by the sum over all of them.
 */

import type {
  Comparison,
  Difference,
  Fingerprint,
  LargeObjectsFingerprint,
  ObjectFingerprint,
  SequenceFingerprint,
  TableFingerprint,
} from './fingerprint.ts';

/** What the restore (or already the backup) left out on purpose. */
export interface ComparisonScope {
  readonly owners: boolean;
  readonly privileges: boolean;
}

/** Kinds of objects that are not there when owners or privileges were left out. */
const ownerKinds: ReadonlySet<string> = new Set(['owner']);
const privilegeKinds: ReadonlySet<string> = new Set(['acl', 'default-acl', 'privilege', 'default-privilege']);

export function compareFingerprints(expected: Fingerprint, actual: Fingerprint, scope: ComparisonScope): Comparison {
  const tables = compareTables(expected.tables, actual.tables);
  const sequences = compareSequences(expected.sequences, actual.sequences);
  const wanted = expected.objects.filter((object) => isInScope(object, scope));
  const objects = compareObjects(
    wanted,
    actual.objects.filter((object) => isInScope(object, scope)),
  );
  return {
    tablesCompared: expected.tables.length,
    countedOnly: expected.tables.filter((table) => table.sum === null).length,
    rowsCompared: expected.tables.reduce((rows, table) => rows + table.rows, 0),
    largeObjectsCompared: expected.largeObjects?.count ?? 0,
    sequencesCompared: expected.sequences.length,
    objectsCompared: wanted.length,
    basis: basisOf(expected),
    differences: [
      ...compareReadings(expected, actual),
      ...tables,
      ...compareLargeObjects(expected.largeObjects, actual.largeObjects),
      ...sequences,
      ...objects,
    ],
  };
}

function basisOf({ mode, basis }: Fingerprint): string {
  const copy =
    mode === 'counts'
      ? 'rows of the copy counted: their content was not compared'
      : 'every row of the copy read back and hashed';
  return `${basis ?? sourceSide[mode]}; ${copy}`;
}

const sourceSide: Readonly<Record<Fingerprint['mode'], string>> = {
  content: 'rows counted in the backed-up snapshot, each hashed on its way into the backup',
  independent: 'rows read and hashed a second time in the backed-up snapshot, apart from the backup',
  counts: 'rows counted in the backed-up snapshot',
};

/** Rows hashed in two encodings, or by two engines, cannot be compared: that must not look like equal. */
function compareReadings(expected: Fingerprint, actual: Fingerprint): readonly Difference[] {
  const differences: Difference[] = [];
  const note = (name: string, is: string, was: string): void => {
    if (is !== was) differences.push({ kind: 'fingerprint', name, what: `${is} instead of ${was}` });
  };
  note('engine', actual.engine, expected.engine);
  note('encoding', actual.encoding ?? 'none', expected.encoding ?? 'none');
  return differences;
}

function compareTables(
  expected: readonly TableFingerprint[],
  actual: readonly TableFingerprint[],
): readonly Difference[] {
  const { pairs, differences } = pair('table', expected, actual, (table) => displayName(table.schema, table.table));
  for (const [was, is, name] of pairs) {
    const what = describeForm(was, is);
    if (what !== null) differences.push({ kind: 'table', name, what });
    else if (was.loadedVia === undefined) differences.push(...compareRows('table', name, [was], [is]));
  }
  const groups = Map.groupBy(
    pairs.filter(([was, is]) => was.loadedVia !== undefined && describeForm(was, is) === null),
    ([was]) => displayName(was.loadedVia?.schema ?? '', was.loadedVia?.table ?? ''),
  );
  for (const [root, leaves] of groups) {
    const [was, is] = [leaves.map(([one]) => one), leaves.map(([, one]) => one)];
    differences.push(...compareRows('table', `${root} (all partitions)`, was, is));
  }
  return differences;
}

/** What makes two readings incomparable; null when they may be compared. */
function describeForm(was: TableFingerprint, is: TableFingerprint): string | null {
  if (was.kind !== is.kind) return `is a ${is.kind} instead of a ${was.kind}`;
  if (!sameList(was.columns, is.columns)) return `columns ${list(is.columns)} instead of ${list(was.columns)}`;
  if (was.condition !== is.condition) return 'was read with another condition';
  if (was.sum !== null && is.sum === null) return 'its content was not read back';
  return null;
}

function compareRows(
  kind: string,
  name: string,
  was: readonly TableFingerprint[],
  is: readonly TableFingerprint[],
): readonly Difference[] {
  const [rowsWas, rowsIs] = [was, is].map((side) => side.reduce((rows, table) => rows + table.rows, 0));
  const [sumWas, sumIs] = [was, is].map(addSums);
  if (rowsWas !== rowsIs) return [{ kind, name, what: `rows ${String(rowsIs)} instead of ${String(rowsWas)}` }];
  if (sumWas !== null && sumWas !== sumIs) return [{ kind, name, what: 'content differs' }];
  return [];
}

/** Modulo 2^64; null as soon as one part was only counted. */
function addSums(tables: readonly TableFingerprint[]): bigint | null {
  let total = 0n;
  for (const { sum } of tables) {
    if (sum === null) return null;
    total = BigInt.asUintN(64, total + BigInt(`0x${sum}`));
  }
  return total;
}

function compareLargeObjects(
  was: LargeObjectsFingerprint | null,
  is: LargeObjectsFingerprint | null,
): readonly Difference[] {
  const kind = 'large objects';
  const name = 'all';
  if (was === null) return is === null || is.count === 0 ? [] : [{ kind, name, what: 'unexpected' }];
  const found = is ?? { count: 0, bytes: 0, sum: was.count === 0 ? was.sum : null };
  if (found.count !== was.count) {
    return [{ kind, name, what: `${String(found.count)} instead of ${String(was.count)}` }];
  }
  if (found.bytes !== was.bytes) {
    return [{ kind, name, what: `${String(found.bytes)} bytes instead of ${String(was.bytes)}` }];
  }
  if (was.sum === null || was.sum === found.sum) return [];
  return [{ kind, name, what: found.sum === null ? 'their content was not read back' : 'content differs' }];
}

function compareSequences(
  expected: readonly SequenceFingerprint[],
  actual: readonly SequenceFingerprint[],
): readonly Difference[] {
  const { pairs, differences } = pair('sequence', expected, actual, (one) => displayName(one.schema, one.name));
  for (const [was, is, name] of pairs) {
    if (was.lastValue === is.lastValue && was.isCalled === is.isCalled) continue;
    const what = `at ${position(is)} instead of ${position(was)}`;
    differences.push({ kind: 'sequence', name, what });
  }
  return differences;
}

function position(sequence: SequenceFingerprint): string {
  return `${sequence.lastValue}${sequence.isCalled ? '' : ' (not called yet)'}`;
}

function compareObjects(
  expected: readonly ObjectFingerprint[],
  actual: readonly ObjectFingerprint[],
): readonly Difference[] {
  const differences: Difference[] = [];
  const was = groupFacts(expected);
  const is = groupFacts(actual);
  for (const [key, { kind, name, facts }] of was) {
    const found = is.get(key)?.facts;
    if (found === undefined) differences.push({ kind, name, what: 'missing' });
    else if (found.length !== facts.length) {
      differences.push({ kind, name, what: `${String(found.length)} instead of ${String(facts.length)}` });
    } else if (!sameList(found, facts)) {
      differences.push({ kind, name, what: `${found.join('; ')} instead of ${facts.join('; ')}` });
    }
  }
  for (const [key, { kind, name }] of is) if (!was.has(key)) differences.push({ kind, name, what: 'unexpected' });
  return differences;
}

interface ObjectGroup {
  readonly kind: string;
  readonly name: string;
  readonly facts: readonly string[];
}

function groupFacts(objects: readonly ObjectFingerprint[]): ReadonlyMap<string, ObjectGroup> {
  const groups = Map.groupBy(objects, ({ kind, name }) => JSON.stringify([kind, name]));
  return new Map(
    [...groups].map(([key, [first, ...others]]) => {
      const all = first === undefined ? others : [first, ...others];
      return [
        key,
        { kind: first?.kind ?? '', name: first?.name ?? '', facts: all.map((object) => object.facts).sort() },
      ];
    }),
  );
}

function isInScope(object: ObjectFingerprint, scope: ComparisonScope): boolean {
  if (!scope.owners && ownerKinds.has(object.kind)) return false;
  return scope.privileges || !privilegeKinds.has(object.kind);
}

interface Paired<T> {
  readonly pairs: readonly (readonly [was: T, is: T, name: string])[];
  readonly differences: Difference[];
}

/** Matches by name. A name that is listed twice on one side is a difference: nothing may hide behind it. */
function pair<T>(kind: string, expected: readonly T[], actual: readonly T[], nameOf: (one: T) => string): Paired<T> {
  const differences: Difference[] = [];
  const byName = (side: readonly T[], which: string): ReadonlyMap<string, T> => {
    const found = new Map<string, T>();
    for (const one of side) {
      if (found.has(nameOf(one))) differences.push({ kind, name: nameOf(one), what: `listed twice ${which}` });
      found.set(nameOf(one), one);
    }
    return found;
  };
  const was = byName(expected, 'in the backup');
  const is = byName(actual, 'in the copy');
  const pairs: (readonly [T, T, string])[] = [];
  for (const [name, one] of was) {
    const other = is.get(name);
    if (other === undefined) differences.push({ kind, name, what: 'missing' });
    else pairs.push([one, other, name]);
  }
  for (const name of is.keys()) if (!was.has(name)) differences.push({ kind, name, what: 'unexpected' });
  return { pairs, differences };
}

/** Names that need it are quoted, so that no two things share a name. */
function displayName(schema: string, name: string): string {
  const quoted = (part: string): string =>
    /^[a-z_][a-z0-9_$]*$/.test(part) ? part : `"${part.replaceAll('"', '""')}"`;
  return `${quoted(schema)}.${quoted(name)}`;
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one, index) => one === b[index]);
}

function list(names: readonly string[]): string {
  return names.length === 0 ? '(none)' : names.join(', ');
}
