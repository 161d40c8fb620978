/** Table names as people write them: `orders`, `main.orders`, `"Odd Name"`, `[Odd Name]`. */

const word = String.raw`"(?:[^"]|"")+"|\[[^\]]+\]|\x60(?:[^\x60]|\x60\x60)+\x60|[^."\[\x60]+`;
const pattern = new RegExp(`^(?:main\\.|"main"\\.)?(${word})$`, 'i');

/** The name itself; what cannot be read as a name stands for itself. */
export function parseTableName(written: string): string {
  const text = pattern.exec(written.trim())?.[1] ?? written;
  const [first, last] = [text.at(0), text.at(-1)];
  if (first === '"' && last === '"') return text.slice(1, -1).replaceAll('""', '"');
  if (first === '`' && last === '`') return text.slice(1, -1).replaceAll('``', '`');
  if (first === '[' && last === ']') return text.slice(1, -1);
  return text;
}

/** The one of `names` that is meant: the very same, else the same but for case, as SQLite takes names. */
export function findName(names: readonly string[], wanted: string): string | null {
  const lower = wanted.toLowerCase();
  return names.find((name) => name === wanted) ?? names.find((name) => name.toLowerCase() === lower) ?? null;
}
