/** Backups with the age and state that a rule is to be tried on, written to and read from a repository in memory. */

import type { Backup } from '../../src/domain/backup.ts';
import type { ProofMark } from '../../src/domain/mark.ts';
import { openMemoryStore } from '../../src/storage/memory/memory-store.ts';
import { makeClock } from './clock.ts';
import { openSampleRepository, quietWork, sampleParts, writeSample } from './sample-backup.ts';

export interface SampleBackup {
  /** How long ago it was made. */
  readonly hours: number;
  readonly proven?: boolean;
  /** How long ago; default: when it was made. */
  readonly provenHours?: number;
  readonly damaged?: boolean;
  readonly partial?: boolean;
  readonly label?: string;
}

/** Newest first. */
export async function sampleBackups(samples: readonly SampleBackup[], now: Date): Promise<readonly Backup[]> {
  const clock = makeClock(now.toISOString());
  const repository = await openSampleRepository(openMemoryStore(), clock);
  const moveTo = (hours: number): void => {
    clock.advance(now.getTime() - hours * 3_600_000 - clock.now().getTime());
  };
  for (const sample of samples) {
    moveTo(sample.hours);
    const { scope } = sampleParts();
    const parts = {
      label: sample.label ?? null,
      scope: { ...scope, kind: sample.partial === true ? 'data' : 'whole' },
    } as const;
    const manifest = await writeSample(repository, { parts });
    const files = manifest.artifacts.map(({ name }) => name);
    const time = (hours: number): string => new Date(now.getTime() - hours * 3_600_000).toISOString();
    const facts = { format: 1, id: manifest.id, host: 'here', writer: 'holdfast test', files } as const;
    if (sample.proven === true) {
      const proof: ProofMark = { ...facts, ...proofFacts, time: time(sample.provenHours ?? sample.hours) };
      await repository.addMark('app', proof, quietWork.signal);
    }
    if (sample.damaged === true) {
      const mark = {
        ...facts,
        kind: 'damaged',
        time: time(sample.hours - 0.01),
        foundBy: 'verify',
        problems: [],
      } as const;
      await repository.addMark('app', mark, quietWork.signal);
    }
  }
  moveTo(0);
  return (await repository.list({ database: 'app', newest: null }, quietWork.signal)).backups;
}

const proofFacts = {
  kind: 'proof',
  outcome: 'proven',
  scope: 'whole',
  place: 'a test',
  comparison: null,
  checks: [],
  findings: [],
  restoreMs: 1,
  compareMs: 1,
  checksMs: 1,
} as const;
