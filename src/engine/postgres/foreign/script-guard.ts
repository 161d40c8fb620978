/**
 * What of somebody's script may run in a new database of ours. pg_dump writes more than content, by its options: `-C`
 * creates and connects to the living database, `--clean` drops what a new one does not have. That is left out. What
 * pg_dump never writes and what reaches beyond the new database ends everything before it has begun.
 */

import { archiveErrors } from '../archive/errors.ts';
import type { ScriptPart } from './script-parts.ts';
import { kindOfStatement, type StatementKind } from './statement-kind.ts';

/** `leave`: not to be run. */
export interface Verdict {
  readonly verdict: 'pass' | 'leave';
  /** Of a statement. */
  readonly kind: StatementKind | null;
}

type Region =
  /** Only settings, and what `-C` does with the database itself. */
  | 'preamble'
  /** What `--clean` drops. */
  | 'before-create'
  | 'content';

export class ScriptGuard {
  #region: Region = 'preamble';
  #dropsPublic = false;

  /** Throws `unsafe-script`. Parts in the order of the script. */
  judge(part: ScriptPart): Verdict {
    if (part.kind === 'command') return this.#command(part);
    if (part.kind !== 'statement') return { verdict: 'pass', kind: null };
    const kind = kindOfStatement(part.bytes.toString('utf8'));
    return { verdict: this.#mayRun(kind, part.line) ? 'pass' : 'leave', kind };
  }

  #mayRun(kind: StatementKind, line: number): boolean {
    switch (kind.kind) {
      case 'unsafe':
        throw unsafe(line, kind.why);
      case 'database':
        if (!kind.changesIt || this.#region === 'preamble') return false;
        throw unsafe(line, 'a statement about a whole database in the middle of the script');
      case 'extension-comment':
        return false;
      case 'setting':
        return true;
      case 'drops':
        return this.#drop(kind.what, kind.name);
      case 'alters':
        return this.#afterPreamble() === 'content';
      case 'creates':
        this.#region = 'content';
        // Every new database has it; pg_dump -n public writes it all the same.
        return kind.what !== 'SCHEMA' || kind.name !== 'public' || this.#dropsPublic;
      case 'rows':
        this.#region = 'content';
        return true;
      case 'content':
      case 'owner':
      case 'privilege':
        this.#afterPreamble();
        return true;
    }
  }

  #drop(what: string, name: string | null): boolean {
    if (this.#afterPreamble() === 'content') return true;
    if (what !== 'SCHEMA' || name !== 'public') return false;
    this.#dropsPublic = true;
    return true;
  }

  #afterPreamble(): Region {
    if (this.#region === 'preamble') this.#region = 'before-create';
    return this.#region;
  }

  #command(part: ScriptPart & { kind: 'command' }): Verdict {
    const name = /^\\\S*/.exec(part.text)?.[0] ?? '';
    const isOurs = name === '\\restrict' || name === '\\unrestrict';
    const isConnect = (name === '\\connect' || name === '\\c') && this.#region === 'preamble';
    if (!part.isInsideStatement && (isOurs || isConnect)) return { verdict: 'leave', kind: null };
    const shown = part.text.length > 60 ? `${part.text.slice(0, 60)}…` : part.text;
    throw unsafe(part.line, `a command of psql that pg_dump does not write there (${shown})`);
  }
}

function unsafe(line: number, why: string): Error {
  return archiveErrors.make('unsafe-script', `line ${line}: ${why}`);
}
