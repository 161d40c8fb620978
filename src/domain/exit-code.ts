import type { ExitCode } from './error.ts';
import { hasWarnings, type Finding } from './finding.ts';

/** Done, or done with warnings. */
export function exitCodeOf(findings: readonly Finding[]): ExitCode {
  return hasWarnings(findings) ? 3 : 0;
}
