/**
 * What the marks beside a manifest say together (docs/format.md, section 7). Of contradicting marks the newest holds, and
 * marks contradict each other only about files that both name: a proof that read the archive says nothing of the SQL
 * file beside it.
 */

import type { BackupState } from './backup.ts';
import type { Mark, ProofMark, VerifiedMark } from './mark.ts';

/** Newest first; of the same moment the worse one first. */
export function sortMarks(marks: readonly Mark[]): readonly Mark[] {
  return [...marks].sort((a, b) => Date.parse(b.time) - Date.parse(a.time) || badness(b) - badness(a));
}

/** `marks` in the order of `sortMarks`. */
export function stateOf(marks: readonly Mark[]): BackupState {
  if (damagedFiles(marks).length > 0) return 'damaged';
  if (newestProof(marks)?.outcome === 'proven') return 'proven';
  return marks.some((mark) => mark.kind === 'verified') ? 'verified' : 'stored';
}

/** Files whose newest word is `damaged`. */
export function damagedFiles(marks: readonly Mark[]): readonly string[] {
  const settled = new Map<string, boolean>();
  for (const mark of marks) {
    if (mark.kind !== 'verified' && mark.kind !== 'damaged' && mark.kind !== 'proof') continue;
    for (const file of mark.files) if (!settled.has(file)) settled.set(file, mark.kind === 'damaged');
  }
  return [...settled].filter(([, damaged]) => damaged).map(([file]) => file);
}

/** The newest that compared something. */
export function newestProof(marks: readonly Mark[]): ProofMark | null {
  const proofs = marks.filter((mark) => mark.kind === 'proof');
  return proofs.find((proof) => proof.outcome !== 'restored') ?? proofs[0] ?? null;
}

export function newestVerified(marks: readonly Mark[]): VerifiedMark | null {
  return marks.find((mark) => mark.kind === 'verified') ?? null;
}

function badness(mark: Mark): number {
  if (mark.kind === 'damaged') return 2;
  return mark.kind === 'proof' && mark.outcome === 'proven' ? 0 : 1;
}
