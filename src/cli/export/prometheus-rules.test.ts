import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { alertRules } from './prometheus-rules.ts';

interface Rules {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Readonly<Record<string, unknown>>[] }[];
}

const { groups } = parse(alertRules({ smallBytes: 1_000_000 })) as Rules;
const rules = groups.flatMap((group) => group.rules);

it('has one rule for each thing that people must hear of, under the names that teams route on', () => {
  expect(groups.map(({ name }) => name)).toEqual(['holdfast']);
  expect(rules.map((rule) => rule['alert'])).toEqual([
    'BackupFailed',
    'HoldfastLastBackupFailed',
    'HoldfastNoMetrics',
    'BackupFileTooSmall',
    'HoldfastRestoreTestFailed',
    'HoldfastProofTooOld',
  ]);
});

it('has the form that Prometheus reads', () => {
  for (const rule of rules) {
    expect(Object.keys(rule)).toEqual(['alert', 'expr', 'for', 'labels', 'annotations']);
    expect(rule['for']).toMatch(/^\d+[mh]$/);
    expect(rule['labels']).toEqual({ severity: expect.stringMatching(/^(?:critical|warning)$/) as string });
    expect(Object.keys(rule['annotations'] as object)).toEqual(['summary', 'description']);
  }
});

it('asks only for series that --metrics-file writes', () => {
  const named = new Set(rules.flatMap((rule) => String(rule['expr']).match(/holdfast_\w+/g) ?? []));
  expect([...named].toSorted()).toEqual([
    'holdfast_backup_plain_bytes',
    'holdfast_last_proof_timestamp_seconds',
    'holdfast_last_run_success',
    'holdfast_last_success_timestamp_seconds',
  ]);
});

it('takes the size from the settings', () => {
  expect(alertRules({ smallBytes: 123 })).toContain('holdfast_backup_plain_bytes < 123');
});
