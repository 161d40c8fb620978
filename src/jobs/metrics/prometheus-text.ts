/**
 * Metrics for node_exporter's textfile collector. One file holds what is known of all runs that write to it: a run
 * replaces its own series and leaves the others, so that a failure does not erase when the last success was.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */

import { isSuccess, type RunRecord } from '../../domain/run.ts';

/** Name → help, in the order of the file. All are gauges. */
const catalogue: Readonly<Record<string, string>> = {
  holdfast_last_run_timestamp_seconds: 'When the last run ended, in Unix time.',
  holdfast_last_run_success: 'Whether the last run did what it should: 1 or 0.',
  holdfast_last_run_exit_code: 'The exit code of the last run; 3 is done with warnings.',
  holdfast_last_run_duration_seconds: 'How long the last run took.',
  holdfast_last_success_timestamp_seconds: 'When the last successful run ended, in Unix time.',
  holdfast_last_proof_timestamp_seconds: 'When a drill last proved a backup, in Unix time.',
  holdfast_backup_plain_bytes: 'The size of what the last successful backup holds.',
  holdfast_backup_stored_bytes: 'The size of the last successful backup as it is stored.',
  backup_last_success_timestamp: 'As holdfast_last_success_timestamp_seconds of backups.',
  backup_file_size_bytes: 'As holdfast_backup_stored_bytes.',
};

type Labels = Readonly<Record<string, string>>;

/** `present`: the file as it is; what cannot be understood in it is dropped. */
export function updatedMetrics(present: string, run: RunRecord): string {
  const series = parseSeries(present);
  const labels = { verb: run.verb, database: run.database ?? '' };
  // A failure before the database was known; a run that knows it speaks for it.
  if (run.database !== null) {
    for (const name of Object.keys(catalogue)) series.delete(seriesName(name, { ...labels, database: '' }));
  }
  for (const [name, its, value] of samplesOf(run, labels)) {
    if (value !== null) series.set(seriesName(name, its), value);
  }
  return render(series);
}

function samplesOf(run: RunRecord, labels: Labels): readonly (readonly [string, Labels, number | null])[] {
  const ended = Date.parse(run.finished) / 1000;
  const { database = '' } = labels;
  const always = [
    ['holdfast_last_run_timestamp_seconds', labels, ended],
    ['holdfast_last_run_success', labels, isSuccess(run) ? 1 : 0],
    ['holdfast_last_run_exit_code', labels, run.exit],
    ['holdfast_last_run_duration_seconds', labels, run.durationMs / 1000],
  ] as const;
  if (!isSuccess(run)) return always;
  const success = ['holdfast_last_success_timestamp_seconds', labels, ended] as const;
  if (run.verb === 'drill' && run.state === 'proven') {
    return [...always, success, ['holdfast_last_proof_timestamp_seconds', { database }, ended]];
  }
  if (run.verb !== 'backup') return [...always, success];
  return [
    ...always,
    success,
    ['holdfast_backup_plain_bytes', { database }, run.plainBytes],
    ['holdfast_backup_stored_bytes', { database }, run.storedBytes],
    ['backup_last_success_timestamp', { database }, ended],
    ['backup_file_size_bytes', { database }, run.storedBytes],
  ];
}

function seriesName(name: string, labels: Labels): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${escaped(value)}"`);
  return `${name}{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function parseSeries(text: string): Map<string, number> {
  const series = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [, name, labels, value] = /^([a-z_]+)(\{.*\}) (\S+)$/.exec(line) ?? [];
    if (name === undefined || !(name in catalogue) || !Number.isFinite(Number(value))) continue;
    series.set(`${name}${labels ?? ''}`, Number(value));
  }
  return series;
}

function render(series: ReadonlyMap<string, number>): string {
  const lines = Object.entries(catalogue).flatMap(([name, help]) => {
    const its = [...series]
      .filter(([key]) => key.startsWith(`${name}{`))
      .toSorted(([one], [other]) => (one < other ? -1 : 1));
    if (its.length === 0) return [];
    return [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, ...its.map(([key, value]) => `${key} ${String(value)}`)];
  });
  return `${lines.join('\n')}\n`;
}
