/** Backups and rules as retention sees them, for its tests. */

import * as fc from 'fast-check';
import type { BackupHold } from '../../src/domain/backup-hold.ts';
import { backupId } from '../../src/domain/backup-name.ts';
import type { Candidate } from '../../src/domain/retention/candidate.ts';
import {
  builtInLabels,
  keepClasses,
  noClasses,
  type KeepAmount,
  type KeepRules,
} from '../../src/domain/retention/keep-rules.ts';

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

export function makeCandidate(started: Date, overrides: Partial<Candidate> = {}): Candidate {
  const startedMs = started.getTime();
  return {
    id: backupId(started, 'dump', 'aaaa'),
    startedMs,
    finishedMs: startedMs + 60_000,
    isWhole: true,
    label: null,
    state: 'stored',
    damageFoundMs: null,
    hold: { kind: 'none' },
    neededBy: null,
    ...overrides,
  };
}

export function makeRules(overrides: Partial<Omit<KeepRules, 'classes'>> & Partial<KeepRules['classes']>): KeepRules {
  const { withinMs = null, last = null, minimum = 1, labels, ...classes } = overrides;
  return { withinMs, last, minimum, labels: { ...builtInLabels, ...labels }, classes: { ...noClasses, ...classes } };
}

export function newest(count: number): KeepAmount {
  return { kind: 'count', count };
}

export function noOlderThan(days: number): KeepAmount {
  return { kind: 'age', maxAgeMs: days * dayMs };
}

const holds: fc.Arbitrary<BackupHold> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<BackupHold>({ kind: 'none' }) },
  fc.boolean().map((hasTombstone): BackupHold => {
    return { kind: 'pinned', since: '2026-01-01T00:00:00.000Z', reason: null, hasTombstone };
  }),
  fc.integer({ min: 0, max: 3 * 24 }).map((hours): BackupHold => {
    return { kind: 'expired', since: new Date(nowMs - hours * hourMs).toISOString(), reason: 'a rule' };
  }),
);

const nowMs = Date.parse('2026-11-21T02:00:00.000Z');
export const someNow = new Date(nowMs);

/** Backups of the last 400 days, close together and far apart, of every kind. */
export const someCandidates: fc.Arbitrary<readonly Candidate[]> = fc
  .uniqueArray(
    fc.record({
      minutesAgo: fc.oneof(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 0, max: 400 * 24 * 60 })),
      isWhole: fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, fc.constant(false)),
      label: fc.constantFrom(null, null, null, 'pre-deploy', 'critical', 'safety'),
      state: fc.constantFrom(
        'stored' as const,
        'stored' as const,
        'verified' as const,
        'proven' as const,
        'damaged' as const,
      ),
      damageFoundDaysAgo: fc.integer({ min: 0, max: 60 }),
      hold: holds,
      neededBy: fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, fc.constant('another builds on it')),
    }),
    { maxLength: 60, selector: ({ minutesAgo }) => minutesAgo },
  )
  .map((all) =>
    all.map(({ minutesAgo, damageFoundDaysAgo, ...others }) =>
      makeCandidate(new Date(nowMs - minutesAgo * 60_000), {
        ...others,
        damageFoundMs: others.state === 'damaged' ? nowMs - damageFoundDaysAgo * dayMs : null,
      }),
    ),
  );

const someAmount: fc.Arbitrary<KeepAmount> = fc.oneof(
  fc.integer({ min: 1, max: 40 }).map(newest),
  fc.integer({ min: 1, max: 400 }).map(noOlderThan),
);

const someClasses = fc.record(
  Object.fromEntries(keepClasses.map((name) => [name, fc.option(someAmount)])) as Record<
    (typeof keepClasses)[number],
    fc.Arbitrary<KeepAmount | null>
  >,
);

/** With one general rule at least. */
export const someRules: fc.Arbitrary<KeepRules> = fc
  .record({
    withinMs: fc.option(fc.integer({ min: 1, max: 300 }).map((days) => days * dayMs)),
    last: fc.integer({ min: 1, max: 20 }),
    hasLast: fc.boolean(),
    classes: someClasses,
    minimum: fc.integer({ min: 1, max: 10 }),
    labels: fc.record({ 'pre-deploy': someAmount, critical: someAmount, safety: someAmount }, { requiredKeys: [] }),
  })
  .map(({ hasLast, last, classes, withinMs, labels, minimum }) => {
    const isAlone = withinMs === null && Object.values(classes).every((amount) => amount === null);
    const given = Object.fromEntries(Object.entries(labels));
    return makeRules({ withinMs, minimum, labels: given, ...classes, last: hasLast || isAlone ? last : null });
  });

/** The same rules, each as long or longer. */
export const longer: fc.Arbitrary<(rules: KeepRules) => KeepRules> = fc
  .record({
    more: fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 12, maxLength: 12 }),
    added: fc.option(someAmount),
  })
  .map(({ more, added }) => (rules) => {
    const by = (index: number): number => more[index] ?? 0;
    const extend = (amount: KeepAmount, index: number): KeepAmount =>
      amount.kind === 'count'
        ? newest(amount.count + by(index))
        : { kind: 'age', maxAgeMs: amount.maxAgeMs + by(index) * dayMs };
    const { classes } = rules;
    return {
      withinMs: rules.withinMs === null ? null : rules.withinMs + by(0) * dayMs,
      last: rules.last === null ? null : rules.last + by(1),
      minimum: rules.minimum + by(2),
      classes: {
        hourly: classes.hourly === null ? null : extend(classes.hourly, 3),
        daily: classes.daily === null ? null : extend(classes.daily, 4),
        weekly: classes.weekly === null ? added : extend(classes.weekly, 5),
        monthly: classes.monthly === null ? null : extend(classes.monthly, 6),
        yearly: classes.yearly === null ? added : extend(classes.yearly, 7),
      },
      labels: Object.fromEntries(Object.entries(rules.labels).map(([label, amount]) => [label, extend(amount, 8)])),
    };
  });
