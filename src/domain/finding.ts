/** Something noticed that a person should weigh: an outcome, not an error. */
export interface Finding {
  /** `blocking` stops the operation it was found for; `warning` makes its exit code 3; `note` is only said. */
  readonly severity: 'blocking' | 'warning' | 'note';
  /** kebab-case, stable, for programs. */
  readonly code: string;
  /** What was found: lower case, no full stop. */
  readonly message: string;
  /** What to do, one sentence; empty for a note that needs nothing. */
  readonly hint: string;
}

export function hasBlocking(findings: readonly Finding[]): boolean {
  return findings.some((finding) => finding.severity === 'blocking');
}

export function hasWarnings(findings: readonly Finding[]): boolean {
  return findings.some((finding) => finding.severity === 'warning');
}

/** Whether the same was found before. */
export function isAmong({ code, message }: Finding, findings: readonly Finding[]): boolean {
  return findings.some((known) => known.code === code && known.message === message);
}
