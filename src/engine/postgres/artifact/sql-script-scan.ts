/**
 * Walks through a script that pg_dump or pg_restore wrote and counts the rows of its COPY blocks. A block begins with a
 * COPY statement right below pg_dump's own comment for rows (pg_backup_archiver.c, _printTocEntry), so that a function
 * body that happens to hold the word is none; it ends with a line that is `\.` only (documentation, COPY, "Text Format").
 */

import { parseCopyStatement } from '../archive/copy-statement.ts';

export interface ScriptScan {
  /** Rows by the table they are loaded into. */
  readonly tables: readonly { readonly schema: string; readonly table: string; readonly rows: number }[];
  /** True when the script ended inside a COPY block. */
  readonly isCut: boolean;
  /** The last lines that are not empty. */
  readonly lastLines: readonly string[];
}

const newline = 10;
/** Of a longer line only the beginning is kept: a row, or a statement with more columns than a table can have. */
const keptLineBytes = 256 * 1024;
const keptLines = 8;

export class SqlScriptScanner {
  readonly #tables: { schema: string; table: string; rows: number }[] = [];
  #line: Buffer[] = [];
  #lineBytes = 0;
  #state: 'statements' | 'below-comment' | 'copy-statement' | 'rows' = 'statements';
  #statement = '';
  #rows = 0;
  #lastLines: string[] = [];

  push(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let at = 0; at < bytes.length; ) {
      const end = bytes.indexOf(newline, at);
      this.#keep(bytes.subarray(at, end < 0 ? bytes.length : end));
      if (end < 0) return;
      this.#endLine();
      at = end + 1;
    }
  }

  finish(): ScriptScan {
    if (this.#lineBytes > 0) this.#endLine();
    return { tables: this.#tables, isCut: this.#state === 'rows', lastLines: this.#lastLines };
  }

  #keep(part: Buffer): void {
    const room = keptLineBytes - this.#lineBytes;
    this.#lineBytes += part.length;
    // Copied when it has to outlive the chunk, whose memory is the source's again afterwards.
    if (room > 0 && part.length > 0) this.#line.push(Buffer.from(part.subarray(0, room)));
  }

  #endLine(): void {
    const isLong = this.#lineBytes > keptLineBytes;
    if (this.#state === 'rows') this.#endRow();
    else this.#endStatementLine(Buffer.concat(this.#line).toString('utf8'), isLong);
    this.#line = [];
    this.#lineBytes = 0;
  }

  #endRow(): void {
    const first = this.#line[0];
    const isEnd =
      this.#lineBytes === 2 && first !== undefined && Buffer.concat(this.#line).toString('latin1') === '\\.';
    if (!isEnd) {
      this.#rows += 1;
      return;
    }
    const { schema, table } = parseCopyStatement(this.#statement);
    this.#tables.push({ schema, table, rows: this.#rows });
    this.#state = 'statements';
    this.#statement = '';
    this.#rows = 0;
  }

  #endStatementLine(line: string, isLong: boolean): void {
    if (line !== '' && !isLong) this.#lastLines = [...this.#lastLines.slice(1 - keptLines), line];
    if (this.#state === 'copy-statement') {
      this.#statement += `\n${line}`;
    } else if (line.startsWith('-- Data for Name: ')) {
      this.#state = 'below-comment';
      return;
    } else if (this.#state === 'below-comment' && line.startsWith('COPY ')) {
      this.#statement = line;
    } else {
      if (line !== '' && line !== '--') this.#state = 'statements';
      return;
    }
    this.#state = this.#statement.endsWith(' FROM stdin;') ? 'rows' : 'copy-statement';
  }
}
