/** What a team's own check expects, and the text a database answers. */

const comparison = /^(>=|<=|!=|<>|==|=|>|<)\s*(.*)$/s;
const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/**
 * `expect` is a value, or an operator and a value. Numbers compare as numbers (whole ones exactly, of any length), all
 * else as text; `t` and `true`, `f` and `false` are the same. NULL equals only `NULL`.
 */
export function meetsExpectation(actual: string | null, expect: string): boolean {
  const [, operator = '=', raw = ''] = comparison.exec(expect.trim()) ?? [undefined, '=', expect];
  const wanted = raw.trim();
  const holds = operators.get(operator) ?? ((order) => order === 0);
  if (actual !== null && wanted.toUpperCase() !== 'NULL') return holds(compareValues(actual.trim(), wanted));
  const same = actual === null && wanted.toUpperCase() === 'NULL';
  // There is no order between NULL and anything, only equal and not equal.
  if (operator.startsWith('!') || operator === '<>') return !same && wanted.toUpperCase() === 'NULL';
  return same && operator.startsWith('=');
}

/** What each operator wants of the order; null stands for no order at all. */
const operators: ReadonlyMap<string, (order: number | null) => boolean> = new Map([
  ['>=', (order) => order !== null && order >= 0],
  ['<=', (order) => order !== null && order <= 0],
  ['>', (order) => order !== null && order > 0],
  ['<', (order) => order !== null && order < 0],
  ['!=', (order) => order !== 0],
  ['<>', (order) => order !== 0],
]);

/** Null when there is no order between them: a number and something that is none. */
function compareValues(actual: string, wanted: string): number | null {
  if (decimal.test(actual) && decimal.test(wanted)) return compareNumbers(actual, wanted);
  const [is, was] = [plainWord(actual), plainWord(wanted)];
  if (is === was) return 0;
  if (decimal.test(actual) || decimal.test(wanted)) return null;
  return is < was ? -1 : 1;
}

function compareNumbers(actual: string, wanted: string): number {
  const isWhole = (text: string): boolean => /^[+-]?\d+$/.test(text);
  const whole = (text: string): bigint => BigInt(text.replace(/^\+/, ''));
  if (isWhole(actual) && isWhole(wanted)) {
    const [is, was] = [whole(actual), whole(wanted)];
    return is === was ? 0 : is < was ? -1 : 1;
  }
  return Math.sign(Number(actual) - Number(wanted));
}

function plainWord(text: string): string {
  const word = text.toLowerCase();
  if (word === 't' || word === 'true') return 'true';
  return word === 'f' || word === 'false' ? 'false' : text;
}

const timestamp =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?\s*(?:(Z)|([+-]\d{2})(?::?(\d{2}))?)?$/i;

/**
 * A point in time as databases write it: `2026-11-20 14:30:05.123456+00`, ISO 8601, a date, or seconds or milliseconds since
 * 1970. Without a zone it is read as UTC. Null when it is none of these.
 */
export function readTimestamp(text: string): Date | null {
  const trimmed = text.trim();
  if (/^\d{9,11}(?:\.\d+)?$/.test(trimmed)) return new Date(Number(trimmed) * 1000);
  if (/^\d{12,14}$/.test(trimmed)) return new Date(Number(trimmed));
  const parts = timestamp.exec(trimmed);
  if (parts === null) return null;
  const [, date, minutes = '00:00', seconds = '00', fraction = '0', , hours = '+00', offsetMinutes = '00'] = parts;
  const time = new Date(
    `${date}T${minutes}:${seconds}.${fraction.slice(0, 3).padEnd(3, '0')}${hours}:${offsetMinutes}`,
  );
  return Number.isNaN(time.getTime()) ? null : time;
}
