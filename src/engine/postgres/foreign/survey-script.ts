/** A look through a whole script of pg_dump: is it complete, is it safe to run, what does it need, what does it hold. */

import { countOf } from '../../../domain/amounts.ts';
import type { Finding } from '../../../domain/finding.ts';
import { wholeScope, type ScopeKind } from '../../../domain/scope.ts';
import type { Work } from '../../../domain/work.ts';
import type { ForeignSurvey } from '../../foreign.ts';
import { archiveErrors } from '../archive/errors.ts';
import { majorOf } from '../restore/load/archive-writer.ts';
import { identifierOf } from '../restore/database/sql-lexer.ts';
import { versionOf } from './recognise.ts';
import { ScriptGuard } from './script-guard.ts';
import { cutScript, type ScriptPart } from './script-parts.ts';
import { significant, type StatementKind } from './statement-kind.ts';

/** What pg_dump writes above the first statement is shorter. */
const headCharacters = 4096;
/** What it writes last. */
const lastLine = /^-- PostgreSQL database dump complete\r?$/m;
const commentsBefore = /^(?:\s|--[^\n]*(?:\n|$))*/;
const title = /^-- PostgreSQL database dump\r?$/gm;

export async function surveyScript(bytes: AsyncIterable<Uint8Array>, work: Work): Promise<ForeignSurvey> {
  const notes = new ScriptNotes();
  let plainBytes = 0;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      work.signal.throwIfAborted();
      plainBytes += chunk.length;
      yield chunk;
    }
  };
  for await (const part of cutScript(counted())) notes.take(part);
  return notes.survey(plainBytes);
}

class ScriptNotes {
  readonly #guard = new ScriptGuard();
  readonly #roles = new Set<string>();
  readonly #extensions = new Set<string>();
  readonly #tablespaces = new Set<string>();
  #head = '';
  /** Comments since the last statement. */
  #tail = '';
  #titles = 0;
  #tables = 0;
  #rows = 0;
  #inserts = 0;
  #copies = 0;
  #creates = 0;
  #leftOut = 0;

  take(part: ScriptPart): void {
    const { verdict, kind } = this.#guard.judge(part);
    if (part.kind === 'rows') this.#rows += part.rows;
    else if (part.kind === 'command') this.#read(part.before.toString('utf8'));
    else if (part.kind === 'end') this.#read(part.bytes.toString('utf8'));
    if (part.kind !== 'statement' || kind === null) return;
    const text = part.bytes.toString('utf8');
    this.#read(commentsBefore.exec(text)?.[0] ?? '');
    this.#tail = '';
    if (verdict === 'leave' && kind.kind === 'database') this.#leftOut += 1;
    this.#note(kind, text);
  }

  survey(plainBytes: number): ForeignSurvey {
    if (!lastLine.test(this.#tail)) {
      throw archiveErrors.make('damaged-script', 'the script does not end with "PostgreSQL database dump complete"');
    }
    if (this.#titles > 1) {
      throw archiveErrors.make('unsafe-script', `the script holds ${this.#titles} dumps, one behind the other`, {
        hint: 'Cut it into its dumps, and restore one of them.',
      });
    }
    const version = versionOf(/^-- Dumped from database version (.+)$/m.exec(this.#head)?.[1] ?? '');
    const tool = versionOf(/^-- Dumped by pg_dump version (.+)$/m.exec(this.#head)?.[1] ?? '');
    return {
      origin: {
        product: 'PostgreSQL',
        version: version === '' ? 'of an unknown version' : version,
        majorVersion: majorOf(version) ?? 0,
        sizeBytes: plainBytes,
        tool: `pg_dump ${tool}`.trim(),
      },
      scope: { ...wholeScope, kind: this.#scope() },
      needs: {
        roles: [...this.#roles],
        tablespaces: [...this.#tablespaces],
        extensions: [...this.#extensions].map((name) => ({ name, version: '' })),
      },
      plainBytes,
      contents: [countOf(this.#tables, 'table'), this.#rowsInWords()].join(', '),
      findings: this.#leftOut === 0 ? [] : [leftOutNote(this.#leftOut)],
    };
  }

  /** Rows without a table, tables without rows: pg_dump writes an empty COPY for an empty table. */
  #scope(): ScopeKind {
    const hasRows = this.#copies + this.#inserts > 0;
    if (hasRows && this.#creates === 0) return 'data';
    return this.#tables > 0 && !hasRows ? 'schema' : 'whole';
  }

  #rowsInWords(): string {
    return this.#inserts === 0 ? countOf(this.#rows, 'row') : countOf(this.#inserts, 'INSERT statement');
  }

  #read(text: string): void {
    if (this.#head.length < headCharacters) this.#head += text.slice(0, headCharacters);
    this.#tail = (this.#tail + text).slice(-headCharacters);
    this.#titles += text.includes('-- PostgreSQL database dump') ? (text.match(title)?.length ?? 0) : 0;
  }

  #note(kind: StatementKind, text: string): void {
    switch (kind.kind) {
      case 'creates':
        this.#creates += 1;
        if (kind.what === 'TABLE') this.#tables += 1;
        if (kind.what === 'EXTENSION' && kind.name !== null) this.#extensions.add(kind.name);
        for (const role of kind.roles) this.#roles.add(role);
        break;
      case 'owner':
      case 'privilege':
        for (const role of kind.roles) this.#roles.add(role);
        break;
      case 'rows':
        if (/^INSERT\b/im.test(text)) this.#inserts += 1;
        else this.#copies += 1;
        break;
      case 'setting':
        this.#noteTablespace(text);
        break;
      default:
        break;
    }
  }

  #noteTablespace(text: string): void {
    if (!text.includes('default_tablespace')) return;
    const words = significant(text);
    const name = identifierOf(words.at(-2)) ?? '';
    if (words[2]?.text === '=' && name !== '') this.#tablespaces.add(name);
  }
}

function leftOutNote(count: number): Finding {
  return {
    severity: 'note',
    code: 'database-statements-left-out',
    message: `${countOf(count, 'statement')} about the database itself will be left out: owner, settings and privileges of it`,
    hint: 'The restored database takes them from the present one.',
  };
}
