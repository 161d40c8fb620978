/** Which tables' rows an archive holds, from its table of contents. */

import type { TableFingerprint } from '../../../domain/fingerprint.ts';
import { parseCopyStatement } from '../archive/copy-statement.ts';
import type { ArchiveToc, TocEntry } from '../archive/toc.ts';

/** What a table's fingerprint says before anything was counted. */
export interface DumpedTable
  extends Pick<TableFingerprint, 'schema' | 'table' | 'columns' | 'loadedVia' | 'condition'> {
  /** Of the entry with the rows; of a materialised view, of its refresh. */
  readonly dumpId: number;
  readonly kind: 'table' | 'materialized-view' | 'extension-config';
}

/** An extension's configuration table: its rows are dumped, under a condition that may be empty. */
export interface ConfigTable {
  readonly schema: string;
  readonly table: string;
  readonly condition: string;
}

/** Materialised views are among them only when they are populated: pg_dump refreshes no others. */
export function dumpedTables(toc: ArchiveToc, configTables: readonly ConfigTable[]): readonly DumpedTable[] {
  const configs = new Map(configTables.map((config) => [JSON.stringify([config.schema, config.table]), config]));
  return toc.entries.flatMap((entry): readonly DumpedTable[] => {
    const { dumpId, namespace: schema, tag: table } = entry;
    if (entry.desc === 'MATERIALIZED VIEW DATA')
      return [{ dumpId, schema, table, kind: 'materialized-view', columns: [] }];
    if (entry.desc !== 'TABLE DATA' || entry.copyStatement === '') return [];
    return [tableOf(entry, configs.get(JSON.stringify([schema, table])))];
  });
}

function tableOf(entry: TocEntry, config: ConfigTable | undefined): DumpedTable {
  const { dumpId, namespace: schema, tag: table } = entry;
  const target = parseCopyStatement(entry.copyStatement);
  const isOwn = target.schema === schema && target.table === table;
  return {
    dumpId,
    schema,
    table,
    kind: config === undefined ? 'table' : 'extension-config',
    columns: target.columns,
    ...(isOwn ? {} : { loadedVia: { schema: target.schema, table: target.table } }),
    ...(config === undefined || config.condition === '' ? {} : { condition: config.condition }),
  };
}
