/** The question that cron cannot ask: is it one of these days of the week? As a test of a POSIX shell. */

/** `date` counts Monday as 1 and Sunday as 7. `percent` is `\%` where cron would take a bare one for a new line. */
export function weekdayTest(weekdays: readonly number[], percent: '%' | '\\%' = '%'): string {
  const days = weekdays.map((day) => (day === 0 ? 7 : day)).toSorted((one, other) => one - other);
  if (days.length === 1) return `[ "$(date +${percent}u)" = ${String(days[0])} ]`;
  return `date +${percent}u | grep -q "[${days.join('')}]"`;
}
