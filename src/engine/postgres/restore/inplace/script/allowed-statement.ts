/**
 * Which statements of a backup's script may run inside the one transaction of an in-place restore. What would end or cut that
 * transaction may not: large objects come between BEGIN and COMMIT in a script (pg_backup_archiver.c, StartRestoreLOs),
 * which are left out; anything else of that kind is refused before it can do harm.
 */

export type Verdict = 'run' | 'copy' | 'leave-out' | 'refuse';

export interface Circumstances {
  readonly serverMajor: number;
  /** Schemas that stay, because an extension that stays is in them: not to be created again. */
  readonly keptSchemas: ReadonlySet<string>;
  /** Extensions that stay and belong to somebody else: their comment may not be set. */
  readonly foreignExtensions: ReadonlySet<string>;
}

/** Servers before this version do not know `transaction_timeout`, which newer tools set to 0. */
const transactionTimeoutMajor = 17;

const endsTransaction = new Set(['abort', 'begin', 'commit', 'end', 'release', 'rollback', 'savepoint', 'start']);

/** `words`: the statement's first ones, in lower case; `head`: its first bytes as text. */
export function judgeStatement(words: readonly string[], head: string, circumstances: Circumstances): Verdict {
  const [first = '', second = '', third = ''] = words;
  if (endsTransaction.has(first)) return /^(?:BEGIN|COMMIT)\s*$/i.test(head) ? 'leave-out' : 'refuse';
  switch (first) {
    case 'copy':
      return 'copy';
    case 'prepare':
      return second === 'transaction' ? 'refuse' : 'run';
    case 'set':
      return judgeSetting(second, third, circumstances);
    case 'create':
      return isAbout(head, /^CREATE SCHEMA /i, circumstances.keptSchemas) ? 'leave-out' : 'run';
    case 'comment':
      return isAbout(head, /^COMMENT ON EXTENSION /i, circumstances.foreignExtensions) ? 'leave-out' : 'run';
    default:
      return 'run';
  }
}

function isAbout(head: string, lead: RegExp, names: ReadonlySet<string>): boolean {
  const name = nameBehind(head, lead);
  return name !== null && names.has(name);
}

function judgeSetting(name: string, next: string, { serverMajor }: Circumstances): Verdict {
  if (name === 'transaction' || (name === 'session' && next === 'characteristics')) return 'refuse';
  return name === 'transaction_timeout' && serverMajor < transactionTimeoutMajor ? 'leave-out' : 'run';
}

function nameBehind(head: string, lead: RegExp): string | null {
  const rest = head.replace(lead, '');
  if (rest === head) return null;
  const quoted = /^"((?:[^"]|"")*)"/.exec(rest)?.[1];
  return quoted === undefined ? (/^[a-z_][a-z0-9_$]*/.exec(rest)?.[0] ?? null) : quoted.replaceAll('""', '"');
}
