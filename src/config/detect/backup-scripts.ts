/** Lines of scripts, workflows and crontabs that make backups today. */

/** True for a text that dumps or copies a database. */
export function makesBackups(text: string): boolean {
  return text.split('\n').some((line) => !/^\s*#/.test(line) && backupWords.test(line));
}

const backupWords = /\b(?:pg_dump|pg_dumpall|pg_basebackup)\b|\bsqlite3\b.*\.(?:backup|dump)\b/;

/** Of `crontab -l`: the lines whose command sounds like a backup. */
export function findBackupLines(crontab: string): readonly string[] {
  return crontab
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^[@\d*]/.test(line) && (backupWords.test(line) || /backup/i.test(line)));
}
