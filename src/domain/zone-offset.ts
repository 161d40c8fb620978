/** How far the clocks of a time zone are ahead of UTC at a moment, in milliseconds. */

/** `timeZone`: an IANA name. Making one is slow, asking it is not. */
export function zoneOffset(timeZone: string): (time: Date) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  return (time) => {
    const fields = new Map(format.formatToParts(time).map(({ type, value }) => [type, Number(value)]));
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
  };
}
