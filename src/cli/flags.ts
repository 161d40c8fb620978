/** The flags that every command takes. */

import type { Command } from 'commander';

export interface CommonFlags {
  readonly url?: string;
  readonly repository?: string;
  readonly config?: string;
  readonly envFile?: string;
  readonly via?: string;
  readonly json?: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  /** False with `--no-color`. */
  readonly color: boolean;
}

export function addCommonFlags(command: Command): void {
  command
    .optionsGroup('Settings:')
    .option('--url <URL>', 'the database: an address, a SQLite file, or env:NAME')
    .option('--repository <DIR>', 'where backups rest (default: BACKUP_DIR, else ./backups)')
    .option('--config <FILE>', 'settings file (default: holdfast.yaml, if there is one)')
    .option('--env-file <FILE>', 'further file with NAME=value lines, read before .env.local and .env')
    .option('--via <COMMAND>', 'how to get to the database: "docker exec -i NAME", "ssh HOST"')
    .optionsGroup('Behaviour:')
    .option('--yes', 'do not ask (for scripts)')
    .option('--dry-run', 'say what would be done, change nothing')
    .option('--json', 'one JSON object per line on standard output')
    .option('--quiet', 'only results, warnings and errors')
    .option('--verbose', 'more detail')
    .option('--no-color', 'no colours (also NO_COLOR)')
    .helpOption('-h, --help', 'this text');
}

/** Collects a flag that may be repeated or hold a list: `--table a --table b,c`. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), ...value.split(',').map((part) => part.trim())].filter((part) => part !== '');
}

/** Collects a flag that may be repeated; patterns may hold commas in quotes. */
export function collectWhole(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}
