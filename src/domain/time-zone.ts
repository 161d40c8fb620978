/** What the clocks of a zone show (IANA names: `Europe/Berlin`), and when they show it. */

const dayMs = 86_400_000;

/** What a clock in the zone shows then, in milliseconds, as if its digits were UTC. */
export function wallMs(time: Date, timeZone: string): number {
  return time.getTime() + zoneOffsetMs(time, timeZone);
}

/** How far the zone is ahead of UTC then. */
export function zoneOffsetMs(time: Date, timeZone: string): number {
  const fields = new Map(
    formatOf(timeZone)
      .formatToParts(time)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const field = (name: Intl.DateTimeFormatPartTypes): number => fields.get(name) ?? 0;
  const wall = Date.UTC(
    field('year'),
    field('month') - 1,
    field('day'),
    field('hour'),
    field('minute'),
    field('second'),
  );
  return wall - Math.floor(time.getTime() / 1000) * 1000;
}

/** The moments at which a clock in the zone shows this, earliest first: none when it is skipped, two when it is doubled. */
export function momentsShowing(wall: number, timeZone: string): readonly Date[] {
  const offsets = new Set([-dayMs, 0, dayMs].map((shift) => zoneOffsetMs(new Date(wall + shift), timeZone)));
  return [...offsets]
    .map((offset) => new Date(wall - offset))
    .filter((time) => wallMs(time, timeZone) === wall)
    .toSorted((one, other) => one.getTime() - other.getTime());
}

export function isTimeZone(name: string): boolean {
  try {
    return formatOf(name).resolvedOptions().timeZone !== '';
  } catch {
    // RangeError is how Intl says no.
    return false;
  }
}

/** Names differ for one zone: `UTC`, `Etc/UTC`. */
export function isSameZone(one: string, other: string): boolean {
  return one === other || formatOf(one).resolvedOptions().timeZone === formatOf(other).resolvedOptions().timeZone;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Kept: making one takes longer than using it a hundred times. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  formats.set(timeZone, made);
  return made;
}
