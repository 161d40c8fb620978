/** What is to be weighed about a file that was looked through and is whole. */

import type { Finding } from '../../domain/finding.ts';
import type { ForeignFile } from './open-file.ts';

export function fileFindings({
  checksum,
  survey,
  content,
}: Pick<ForeignFile, 'checksum' | 'survey' | 'content'>): readonly Finding[] {
  const findings: Finding[] = [...survey.findings];
  if (checksum.state === 'unreadable') {
    findings.push({
      severity: 'warning',
      code: 'checksum-unreadable',
      message: `${checksum.beside} says no SHA-256 of this file`,
      hint: 'Look into it: sha256sum writes 64 digits and the name of the file.',
    });
  }
  if (content.obstacle !== null) {
    const { message, hint } = content.obstacle;
    findings.push({ severity: 'note', code: 'file-not-restorable', message, hint });
  }
  return findings;
}
