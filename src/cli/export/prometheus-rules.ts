/** The text of the rules. The names BackupFailed and BackupFileTooSmall are those that teams route on already. */

interface Alert {
  readonly name: string;
  readonly expression: string;
  /** How long it must hold. */
  readonly lasting: string;
  readonly severity: 'critical' | 'warning';
  readonly summary: string;
  readonly description: string;
}

const ofDatabase = '{{ $labels.database }}';

export function alertRules({ smallBytes }: { readonly smallBytes: number }): string {
  return [
    '# Alert rules for Holdfast: made by `holdfast export prometheus`.',
    '# They read what `--metrics-file F` leaves in F.prom, through the textfile collector of node_exporter.',
    'groups:',
    '  - name: holdfast',
    '    rules:',
    ...alerts(smallBytes).flatMap(ruleLines),
    '',
  ].join('\n');
}

function alerts(smallBytes: number): readonly Alert[] {
  return [
    {
      name: 'BackupFailed',
      expression: 'time() - holdfast_last_success_timestamp_seconds{verb="backup"} > 24 * 3600',
      // A daily backup ends a little later on some days.
      lasting: '1h',
      severity: 'critical',
      summary: `no successful backup of ${ofDatabase} for more than a day`,
      description: 'Run `holdfast status` there; `holdfast backup` says what stands in the way.',
    },
    {
      name: 'HoldfastLastBackupFailed',
      expression: 'holdfast_last_run_success{verb="backup"} == 0',
      lasting: '0m',
      severity: 'warning',
      summary: `the last backup of ${ofDatabase} failed`,
      description: 'Earlier backups are as they were. `holdfast status` lists recent failures.',
    },
    {
      name: 'HoldfastNoMetrics',
      expression: 'absent(holdfast_last_success_timestamp_seconds{verb="backup"})',
      lasting: '1h',
      severity: 'critical',
      summary: 'no machine reports a successful backup',
      description: 'The timetable, --metrics-file or the textfile collector does not work.',
    },
    {
      name: 'BackupFileTooSmall',
      expression: `holdfast_backup_plain_bytes < ${String(smallBytes)}`,
      lasting: '0m',
      severity: 'warning',
      summary: `the last backup of ${ofDatabase} is suspiciously small`,
      description: 'It holds {{ $value | humanize1024 }}B. Is it the right database, and is it not empty?',
    },
    {
      name: 'HoldfastRestoreTestFailed',
      expression: 'holdfast_last_run_success{verb="drill"} == 0',
      lasting: '0m',
      severity: 'critical',
      summary: `the last restore test of ${ofDatabase} failed`,
      description: 'Look at what `holdfast drill` says, make a new backup and drill that.',
    },
    {
      name: 'HoldfastProofTooOld',
      expression:
        'time() - holdfast_last_proof_timestamp_seconds > 8 * 86400 or ' +
        '(holdfast_last_success_timestamp_seconds{verb="backup"} unless on (instance, database) holdfast_last_proof_timestamp_seconds)',
      lasting: '1h',
      severity: 'warning',
      summary: `no backup of ${ofDatabase} was proven for more than 8 days`,
      description: 'Run `holdfast drill`, and put it on a timetable.',
    },
  ];
}

function ruleLines({ name, expression, lasting, severity, summary, description }: Alert): readonly string[] {
  return [
    `      - alert: ${name}`,
    `        expr: ${quoted(expression)}`,
    `        for: ${lasting}`,
    '        labels:',
    `          severity: ${severity}`,
    '        annotations:',
    `          summary: ${quoted(summary)}`,
    `          description: ${quoted(description)}`,
  ];
}

/** YAML's single quotes know no escape but the doubled quote. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
