/** The flags of `restore`, and which of them go together. */

import type { RoleMap } from '../domain/role-map.ts';
import { requestErrors } from '../requests/errors.ts';
import { roleMapOf } from '../requests/role-map.ts';

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
  readonly globals?: boolean;
  /** False with `--no-tablespaces`. */
  readonly tablespaces: boolean;
  readonly mapRole?: readonly string[];
}

export type RestoreMode = 'database' | 'tables' | 'globals' | 'undo' | 'drop-replaced';

/** Throws `usage` for flags that contradict each other. */
export function modeOf(flags: RestoreFlags): RestoreMode {
  const modes: readonly (readonly [RestoreMode, boolean])[] = [
    ['undo', flags.undo === true],
    ['drop-replaced', flags.dropReplaced !== undefined],
    ['tables', flags.table !== undefined],
    ['globals', flags.globals === true],
  ];
  const given = modes.filter(([, isGiven]) => isGiven).map(([mode]) => mode);
  if (given.length > 1) throw requestErrors.make('usage', `--${given.map(flagOf).join(' and --')} exclude each other`);
  const mode = given[0] ?? 'database';
  if (flags.file !== undefined && (mode === 'undo' || mode === 'drop-replaced')) {
    throw requestErrors.make('usage', `--${flagOf(mode)} and --file exclude each other`);
  }
  refuseUnfitting(mode, flags);
  if (mode === 'globals') refuseBesideGlobals(flags);
  else refuseWithoutGlobals(mode, flags);
  return mode;
}

function refuseWithoutGlobals(mode: RestoreMode, flags: RestoreFlags): void {
  if (!flags.tablespaces) throw requestErrors.make('usage', '--no-tablespaces needs --globals');
  if (flags.mapRole !== undefined && mode !== 'database') {
    throw requestErrors.make('usage', '--map-role is for whole databases and for --globals');
  }
  if (mode === 'tables') refuseBesideTables(flags);
  else refuseWithoutTables(flags);
}

function refuseWithoutTables(flags: RestoreFlags): void {
  if (flags.toFile !== undefined)
    throw requestErrors.make('usage', '--to-file needs --table', {
      hint: 'A whole backup is written to a file by holdfast extract.',
    });
  if (flags.replace === true)
    throw requestErrors.make('usage', '--replace needs --table or --globals', {
      hint: 'A whole database is replaced by default, and the replaced one is kept.',
    });
}

function refuseBesideTables(flags: RestoreFlags): void {
  if (flags.toFile !== undefined && flags.replace === true) {
    throw requestErrors.make('usage', '--to-file and --replace exclude each other');
  }
  if (flags.into !== undefined) {
    throw requestErrors.make(
      'usage',
      '--into is for whole databases; tables go beside the living ones, to a file or in their place',
    );
  }
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

function refuseBesideGlobals(flags: RestoreFlags): void {
  const others: readonly (readonly [flag: string, isGiven: boolean])[] = [
    ['--into', flags.into !== undefined],
    ['--file', flags.file !== undefined],
    ['--to-file', flags.toFile !== undefined],
    ['--no-owner', !flags.owner],
    ['--no-acl', !flags.acl],
  ];
  const [first] = others.filter(([, isGiven]) => isGiven);
  if (first === undefined) return;
  throw requestErrors.make('usage', `--globals and ${first[0]} exclude each other: no database is restored`);
}

/** `--map-role old=new`, any number of them. Throws `usage`. */
export function rolesOf({ mapRole = [] }: Pick<RestoreFlags, 'mapRole'>): RoleMap {
  const hint = 'Write it as OLD=NEW, the names as they are, without quotes.';
  const pairs = mapRole.map((pair) => {
    const written = `--map-role ${JSON.stringify(pair)}`;
    const [from = '', to = '', ...others] = pair.split('=');
    if (from !== '' && to !== '' && others.length === 0) return { from, to, written };
    throw requestErrors.make('usage', `${written} is not of the form OLD=NEW`, { hint });
  });
  return roleMapOf(pairs, hint);
}

function flagOf(mode: RestoreMode): string {
  return mode === 'tables' ? 'table' : mode;
}
