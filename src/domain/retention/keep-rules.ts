/** What a team wants to keep: the rules of `keep:` (docs/guide/expiry.md), and what they mean in words. */

export const keepClasses = ['hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const;
export type KeepClass = (typeof keepClasses)[number];

/** So many of them, or as long as they are no older. */
export type KeepAmount =
  | { readonly kind: 'count'; readonly count: number }
  | { readonly kind: 'age'; readonly maxAgeMs: number };

export interface KeepRules {
  /** Every backup that is no older; null: no such rule. */
  readonly withinMs: number | null;
  /** The newest so many; null: no such rule. */
  readonly last: number | null;
  /** The best backup of each hour, day, week, month, year; null: no such rule. */
  readonly classes: Readonly<Record<KeepClass, KeepAmount | null>>;
  /** The newest so many stay whatever the other rules say; at least 1. */
  readonly minimum: number;
  /** By label: the newest so many with this label, or as long as they are no older. */
  readonly labels: Readonly<Record<string, KeepAmount>>;
}

const dayMs = 24 * 3600 * 1000;

/** What restores leave behind as a last resort stays a week. */
const safetyMs = 7 * dayMs;

export const noClasses: KeepRules['classes'] = { hourly: null, daily: null, weekly: null, monthly: null, yearly: null };
export const builtInLabels: KeepRules['labels'] = { safety: { kind: 'age', maxAgeMs: safetyMs } };

/** False when the rules speak of labels only: then a backup without such a label stays. */
export function hasGeneralRule({ withinMs, last, classes }: KeepRules): boolean {
  return withinMs !== null || last !== null || Object.values(classes).some((amount) => amount !== null);
}

/** `30 days, 12 weekly, monthly for 360 days, pre-deploy until the next, at least 3`. */
export function describeRules(rules: KeepRules): string {
  const { withinMs, last, classes, labels, minimum } = rules;
  const parts = [
    ...(withinMs === null ? [] : [`all of the last ${formatAge(withinMs)}`]),
    ...(last === null ? [] : [`the last ${String(last)}`]),
    ...keepClasses.flatMap((name) => {
      const amount = classes[name];
      return amount === null ? [] : [amountText(name, amount)];
    }),
    ...Object.entries(labels).map(([label, amount]) => labelText(label, amount)),
    ...(minimum > 1 ? [`at least ${String(minimum)}`] : []),
  ];
  return parts.join(', ');
}

function amountText(name: string, amount: KeepAmount): string {
  return amount.kind === 'count' ? `${String(amount.count)} ${name}` : `${name} for ${formatAge(amount.maxAgeMs)}`;
}

function labelText(label: string, amount: KeepAmount): string {
  if (amount.kind === 'age') return `${label} for ${formatAge(amount.maxAgeMs)}`;
  return amount.count === 1 ? `${label} until the next` : `${String(amount.count)} ${label}`;
}

/** `90 days`, `36 h`: whole days where they are. */
export function formatAge(ms: number): string {
  if (ms < 2 * dayMs) return `${String(Math.floor(ms / 3_600_000))} h`;
  return `${String(Math.floor(ms / dayMs))} days`;
}
