/**
 * Who holds the place of an hour, day, week, month or year. Of one period the proven backup comes before the verified, that
 * before the stored, and of equals the newest: this never depends on the rules, so that a longer rule keeps no less.
 */

import type { Calendar } from './calendar.ts';
import { newestFirst, type Candidate } from './candidate.ts';
import { formatAge, keepClasses, type KeepAmount, type KeepClass } from './keep-rules.ts';

export interface ClassPlaces {
  /** Why it stays, a reason for each place it holds. */
  held(candidate: Candidate): readonly string[];
  /** Why it holds none, a reason for each class there is a rule for. */
  missed(candidate: Candidate): readonly string[];
}

interface Place {
  readonly period: string;
  readonly holder: Candidate;
  readonly newestId: string;
  readonly isKept: boolean;
}

interface ClassOfPlaces {
  readonly keepClass: KeepClass;
  readonly amount: KeepAmount;
  readonly places: ReadonlyMap<string, Place>;
}

/** `counted`: those that may hold a place. */
export function findPlaces(
  counted: readonly Candidate[],
  amounts: Readonly<Record<KeepClass, KeepAmount | null>>,
  now: Date,
  calendar: Calendar,
): ClassPlaces {
  const sorted = counted.toSorted(newestFirst);
  const classes = keepClasses.flatMap((keepClass): readonly ClassOfPlaces[] => {
    const amount = amounts[keepClass];
    return amount === null ? [] : [{ keepClass, amount, places: placesOf(sorted, keepClass, amount, now, calendar) }];
  });
  const placeOf = ({ keepClass, places }: ClassOfPlaces, { startedMs }: Candidate): Place | null =>
    places.get(calendar(startedMs, keepClass)) ?? null;
  return {
    held: (candidate) =>
      classes.flatMap((one) => {
        const place = placeOf(one, candidate);
        return place?.isKept === true && place.holder.id === candidate.id ? [heldText(one.keepClass, place)] : [];
      }),
    missed: (candidate) => classes.flatMap((one) => missedText(one, placeOf(one, candidate), candidate)),
  };
}

function placesOf(
  sorted: readonly Candidate[],
  keepClass: KeepClass,
  amount: KeepAmount,
  now: Date,
  calendar: Calendar,
): ReadonlyMap<string, Place> {
  const periods = new Map<string, readonly [Candidate, ...Candidate[]]>();
  for (const candidate of sorted) {
    const period = calendar(candidate.startedMs, keepClass);
    periods.set(period, [...(periods.get(period) ?? []), candidate] as [Candidate, ...Candidate[]]);
  }
  // In the order of `sorted`: the newest period first.
  return new Map(
    [...periods].map(([period, [newest, ...others]], index) => {
      const holder = others.reduce((best, one) => (rank(one) > rank(best) ? one : best), newest);
      const isKept =
        amount.kind === 'count' ? index < amount.count : now.getTime() - holder.startedMs <= amount.maxAgeMs;
      return [period, { period, holder, newestId: newest.id, isKept }];
    }),
  );
}

function rank({ state }: Candidate): number {
  if (state === 'proven') return 2;
  return state === 'verified' ? 1 : 0;
}

function heldText(keepClass: KeepClass, { period, holder, newestId }: Place): string {
  return `${keepClass}: the ${holder.id === newestId ? 'newest' : `${holder.state} one`} of ${period}`;
}

function missedText({ keepClass, amount }: ClassOfPlaces, place: Place | null, { id }: Candidate): readonly string[] {
  if (place === null) return [];
  const { period, holder, isKept } = place;
  if (holder.id !== id && isKept) return [`${keepClass}: ${holder.id} stands for ${period}`];
  if (amount.kind === 'age') return [`${keepClass}: older than ${formatAge(amount.maxAgeMs)}`];
  return [`${keepClass}: ${period} is not among the newest ${String(amount.count)}`];
}
