/** The words before the cursor: which are flags, which are values of flags, which stand for themselves. */

export interface Typed {
  /** Neither flags nor their values; the verb comes first. */
  readonly words: readonly string[];
  /** The word being typed. */
  readonly current: string;
  /** A flag just before it that waits for its value; null for none. */
  readonly pendingFlag: string | null;
  /** What was given so far of where settings are. */
  readonly settings: Settings;
}

interface Settings {
  readonly repository?: string;
  readonly config?: string;
  readonly envFile?: string;
}

const settingFlags: ReadonlyMap<string, keyof Settings | 'url'> = new Map([
  ['--url', 'url'],
  ['--repository', 'repository'],
  ['--config', 'config'],
  ['--env-file', 'envFile'],
]);

/** `valued`: further flags that take a value. */
export function readTyped(given: readonly string[], valued: readonly string[]): Typed {
  const parts = joinedFlags(given);
  const words: string[] = [];
  const settings: Record<string, string> = {};
  let pendingFlag: string | null = null;
  for (const part of parts.slice(0, -1)) {
    const [, flag, value] = /^(--[^=]+)=(.*)$/s.exec(part) ?? [];
    if (pendingFlag !== null) {
      keep(settings, pendingFlag, part);
      pendingFlag = null;
    } else if (flag !== undefined && value !== undefined) keep(settings, flag, value);
    else if (!part.startsWith('-') || part === '-') words.push(part);
    else if (settingFlags.has(part) || valued.includes(part)) pendingFlag = part;
  }
  return { words, current: parts.at(-1) ?? '', pendingFlag, settings };
}

function keep(settings: Record<string, string>, flag: string, value: string): void {
  const name = settingFlags.get(flag);
  if (name !== undefined) settings[name] = value;
}

/** bash makes three words of `--flag=value`: the flag and its value are left. */
function joinedFlags(given: readonly string[]): readonly string[] {
  const closed = given.at(-1) === '=' ? [...given, ''] : given;
  return closed.filter((word) => word !== '=');
}
