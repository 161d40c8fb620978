/** The flags of `restore`, and which of them go together. */

import { requestErrors } from '../requests/errors.ts';

export interface RestoreFlags {
  readonly into?: string;
  readonly to?: string;
  readonly file?: string;
  readonly owner: boolean;
  readonly acl: boolean;
  readonly jobs?: number;
  readonly inPlace?: boolean;
  /** True with `--safety-backup`, false with `--no-safety-backup`; not given: in place only. */
  readonly safetyBackup?: boolean;
  /** False with `--no-hooks`. */
  readonly hooks: boolean;
  readonly undoOnFailure?: boolean;
  readonly table?: readonly string[];
  readonly toFile?: string;
  readonly replace?: boolean;
  readonly undo?: boolean;
  /** True, or the name of one of the kept databases. */
  readonly dropReplaced?: boolean | string;
  readonly dryRun?: boolean;
}

export type RestoreMode = 'database' | 'tables' | 'undo' | 'drop-replaced';

/** Throws `usage` for flags that contradict each other. */
export function modeOf(flags: RestoreFlags): RestoreMode {
  const modes: readonly (readonly [RestoreMode, boolean])[] = [
    ['undo', flags.undo === true],
    ['drop-replaced', flags.dropReplaced !== undefined],
    ['tables', flags.table !== undefined],
  ];
  const given = modes.filter(([, isGiven]) => isGiven).map(([mode]) => mode);
  if (given.length > 1) throw requestErrors.make('usage', `--${given.map(flagOf).join(' and --')} exclude each other`);
  const mode = given[0] ?? 'database';
  if (flags.file !== undefined && (mode === 'undo' || mode === 'drop-replaced')) {
    throw requestErrors.make('usage', `--${flagOf(mode)} and --file exclude each other`);
  }
  refuseUnfitting(mode, flags);
  if (mode !== 'tables') {
    if (flags.toFile !== undefined)
      throw requestErrors.make('usage', '--to-file needs --table', {
        hint: 'A whole backup is written to a file by holdfast extract.',
      });
    if (flags.replace === true)
      throw requestErrors.make('usage', '--replace needs --table', {
        hint: 'A whole database is replaced by default, and the replaced one is kept.',
      });
  } else if (flags.toFile !== undefined && flags.replace === true) {
    throw requestErrors.make('usage', '--to-file and --replace exclude each other');
  } else if (flags.into !== undefined) {
    throw requestErrors.make(
      'usage',
      '--into is for whole databases; tables go beside the living ones, to a file or in their place',
    );
  }
  return mode;
}

/** How the present database is treated: for whole databases that take its place. */
function refuseUnfitting(mode: RestoreMode, flags: RestoreFlags): void {
  const replacing: readonly (readonly [flag: string, isGiven: boolean])[] = [
    ['--in-place', flags.inPlace === true],
    ['--safety-backup', flags.safetyBackup !== undefined],
    ['--undo-on-failure', flags.undoOnFailure === true],
  ];
  const [first] = replacing.filter(([, isGiven]) => isGiven);
  if (first === undefined) return;
  const [flag] = first;
  if (mode !== 'database')
    throw requestErrors.make('usage', `${flag} is for whole databases, not for --${flagOf(mode)}`);
  if (flags.into !== undefined) {
    throw requestErrors.make('usage', `${flag} and --into exclude each other: --into replaces nothing`);
  }
  if (flags.inPlace === true && flags.undoOnFailure === true) {
    throw requestErrors.make('usage', '--in-place and --undo-on-failure exclude each other: in place nothing is kept', {
      hint: 'The safety backup holds the state before; restore that.',
    });
  }
}

function flagOf(mode: RestoreMode): string {
  return mode === 'tables' ? 'table' : mode;
}
