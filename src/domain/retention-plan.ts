/**
 * Which backups of one database stay and which go, with the reasons in words: a pure function of the backups, the rules and
 * the time. What holds whatever the rules are:
 *
 * - a longer rule keeps no less; the newest `minimum` good whole backups stay, and the newest proven one;
 * - a pinned one stays, and one that another builds on;
 * - only good whole backups hold a class's place, count for `last` and `minimum`; one on its way out counts for nothing;
 * - one with a tombstone goes only when its grace period is over, and not while too few good ones, or no proven one, are left.
 */

import { deletableFrom } from './backup-hold.ts';
import { makeCalendar } from './retention/calendar.ts';
import { isCounted, isLive, newestFirst, type Candidate } from './retention/candidate.ts';
import { findPlaces, type ClassPlaces } from './retention/class-places.ts';
import { formatAge, hasGeneralRule, type KeepRules } from './retention/keep-rules.ts';
import { damagedReason, labelReason, partialReason, type Reason } from './retention/special-rules.ts';

/**
 * - `stays`;
 * - `expires`: it gets a tombstone now;
 * - `waits`: it has one, and its bytes are still there;
 * - `goes`: its bytes are deleted now.
 */
export type Fate = 'stays' | 'expires' | 'waits' | 'goes';

export interface Verdict {
  readonly id: string;
  readonly fate: Fate;
  /** At least one. */
  readonly reasons: readonly string[];
}

export interface RetentionRequest {
  readonly candidates: readonly Candidate[];
  /** Null: nothing goes. */
  readonly rules: KeepRules | null;
  readonly now: Date;
  /** IANA name: where days, weeks and months begin. */
  readonly timeZone: string;
}

/** Newest first. */
export function planRetention({ candidates, rules, now, timeZone }: RetentionRequest): readonly Verdict[] {
  const sorted = candidates.toSorted(newestFirst);
  if (rules === null) return sorted.map(withoutRule);
  const live = sorted.filter(isLive);
  const counted = live.filter(isCounted);
  const situation: Situation = {
    rules,
    now,
    live,
    counted,
    partial: live.filter(({ isWhole, state, label }) => !isWhole && state !== 'damaged' && label !== 'safety'),
    lastProven: counted.find(({ state }) => state === 'proven') ?? null,
    places: findPlaces(counted, rules.classes, now, makeCalendar(timeZone)),
  };
  const neededYet = stillNeeded(sorted, situation);
  return sorted.map((candidate) =>
    isLive(candidate) ? judgeLive(candidate, situation) : judgeExpired(candidate, neededYet, now),
  );
}

interface Situation {
  readonly rules: KeepRules;
  readonly now: Date;
  /** All newest first. */
  readonly live: readonly Candidate[];
  readonly counted: readonly Candidate[];
  readonly partial: readonly Candidate[];
  readonly lastProven: Candidate | null;
  readonly places: ClassPlaces;
}

function withoutRule(candidate: Candidate): Verdict {
  const reasons = ['no rule is set'];
  return { id: candidate.id, fate: isLive(candidate) ? 'stays' : 'waits', reasons };
}

function judgeLive(candidate: Candidate, situation: Situation): Verdict {
  const { id } = candidate;
  const ruled = reasonsOfRules(candidate, situation);
  const staying = [...unconditional(candidate, situation), ...ruled.filter(isStaying).map(({ text }) => text)];
  if (staying.length > 0) return { id, fate: 'stays', reasons: staying };
  return { id, fate: 'expires', reasons: ruled.map(({ text }) => text) };
}

/** What keeps it whatever the rules are. */
function unconditional(candidate: Candidate, { rules, counted, partial, lastProven }: Situation): readonly string[] {
  const { hold, neededBy, id } = candidate;
  return [
    ...(hold.kind === 'pinned' ? [hold.reason === null ? 'pinned' : `pinned: ${hold.reason}`] : []),
    ...(neededBy === null ? [] : [neededBy]),
    ...newestText(counted, id, rules.minimum, ''),
    ...newestText(partial, id, rules.minimum, ' partial'),
    ...(lastProven?.id === id ? ['the newest proven one'] : []),
  ];
}

function newestText(sorted: readonly Candidate[], id: string, minimum: number, kind: string): readonly string[] {
  const index = sorted.findIndex((one) => one.id === id);
  if (index === -1 || index >= minimum) return [];
  return [index === 0 ? `the newest${kind} one` : `one of the newest ${String(minimum)}${kind} ones (minimum)`];
}

type Ruling = Exclude<Reason, null>;

function isStaying({ stays }: Ruling): boolean {
  return stays;
}

/** What each rule that speaks of it says. Never empty. */
function reasonsOfRules(candidate: Candidate, situation: Situation): readonly Ruling[] {
  const { rules, now, live } = situation;
  const label = labelReason(candidate, live, rules, now);
  if (candidate.label === 'safety') return [label ?? { stays: true, text: 'no rule speaks of it' }];
  if (!hasGeneralRule(rules)) return [label ?? { stays: true, text: 'no rule speaks of it' }];
  return [withinReason(candidate, rules, now), label, ...ownRules(candidate, situation)].filter(
    (reason) => reason !== null,
  );
}

function withinReason({ startedMs }: Candidate, { withinMs }: KeepRules, now: Date): Reason {
  if (withinMs === null) return null;
  return now.getTime() - startedMs <= withinMs
    ? { stays: true, text: `no older than ${formatAge(withinMs)}` }
    : { stays: false, text: `older than ${formatAge(withinMs)}` };
}

function ownRules(candidate: Candidate, situation: Situation): readonly Reason[] {
  const { rules, now, counted, places } = situation;
  if (candidate.state === 'damaged') return [damagedReason(candidate, counted, now)];
  if (!candidate.isWhole) return [partialReason(candidate, rules, now)];
  const held = places.held(candidate);
  return [
    lastReason(candidate, counted, rules),
    ...held.map((text) => ({ stays: true, text })),
    ...(held.length > 0 ? [] : places.missed(candidate).map((text) => ({ stays: false, text }))),
  ];
}

function lastReason({ id }: Candidate, counted: readonly Candidate[], { last }: KeepRules): Reason {
  if (last === null) return null;
  const isAmong = counted.findIndex((one) => one.id === id) < last;
  return { stays: isAmong, text: `${isAmong ? '' : 'not '}one of the last ${String(last)}` };
}

/** Ids of those with tombstones that cannot be spared yet, and why: too little good is left without them. */
function stillNeeded(sorted: readonly Candidate[], { rules, counted, lastProven }: Situation): Map<string, string> {
  const expired = sorted.filter((one) => !isLive(one) && isCounted(one));
  const missing = Math.max(0, rules.minimum - counted.length);
  const needed = new Map(
    expired.slice(0, missing).map(({ id }) => [id, 'too few good ones are left without it; pin it to keep it']),
  );
  const proven = lastProven === null ? expired.find(({ state }) => state === 'proven') : undefined;
  if (proven !== undefined) needed.set(proven.id, 'the last proven one; pin it to keep it');
  return needed;
}

function judgeExpired({ id, hold, neededBy }: Candidate, needed: ReadonlyMap<string, string>, now: Date): Verdict {
  const from = deletableFrom(hold);
  const why = neededBy ?? needed.get(id) ?? null;
  const said = hold.kind === 'expired' ? [`expired: ${hold.reason}`] : [];
  if (from !== null && now.getTime() < from.getTime()) {
    return { id, fate: 'waits', reasons: [`its bytes go after ${from.toISOString()}`, ...said] };
  }
  return why === null ? { id, fate: 'goes', reasons: said } : { id, fate: 'waits', reasons: [why, ...said] };
}
