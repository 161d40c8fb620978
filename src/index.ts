/** What `import … from 'holdfast'` gives. docs/guide/library.md shows how to use it. */

export { openHoldfast, type Holdfast } from './library/open-holdfast.ts';
export type { FoundOptions, GivenOptions, HoldfastOptions } from './library/options.ts';
export type {
  AddressSettings,
  ChannelSettings,
  CheckSettings,
  DatabaseSettings,
  HealthLimitSettings,
  HookSettings,
  KeepAmountSettings,
  KeepSettings,
  ScheduleSettings,
  Settings,
  StepSettings,
} from './library/settings.ts';
export type { HoldfastEvent } from './library/events.ts';
export type { CallOptions } from './library/calls.ts';
export type { Weighed } from './library/session.ts';
export type {
  BackupChoice,
  DatabaseChoice,
  DoctorAnswer,
  HealthAnswer,
  HealthOptions,
  ListFilesOptions,
  ListOptions,
  StatusAnswer,
} from './library/reading.ts';
export type {
  BackupOptions,
  DrillOptions,
  DrillWishes,
  ExtractOptions,
  FileChoice,
  PinAnswer,
  PinOptions,
  PruneAnswer,
  PruneOptions,
  VerifiedAnswer,
  VerifyOptions,
} from './library/backing-up.ts';
export type {
  Confirmation,
  DropAnswer,
  KeptAnswer,
  KeptOptions,
  Planned,
  PlanRestoreOptions,
  PlanTablesOptions,
  RestoreChoice,
  RestoreOptions,
  RestoreTablesOptions,
  RestoreWishes,
  TablesWishes,
  UndoAnswer,
} from './library/restoring.ts';
export type {
  PlanGlobalsOptions,
  RestoreGlobalsOptions,
  ServerBackupOptions,
} from './library/whole-server.ts';
export type { AssessOptions, SalvageOptions } from './library/damage.ts';
export { HoldfastError, type ExitCode } from './domain/error.ts';
export type { Finding } from './domain/finding.ts';
export type { BackupWishes } from './requests/backup-request.ts';
export type {
  DatabaseStatusAnswer,
  FailedRunAnswer,
  ListAnswer,
  UnfinishedAnswer,
} from './answers/coverage.ts';
export type { DamageAnswer, GoodBackupAnswer, SalvageAnswer } from './answers/damage.ts';
export type { DecisionAnswer, ExpiryAnswer } from './answers/expiry.ts';
export type { ExtractAnswer } from './answers/extracted.ts';
export type { FileAnswer, ListedFileAnswer } from './answers/foreign-file.ts';
export type { GlobalsAnswer, GlobalsPlanAnswer } from './answers/globals.ts';
export type { MadeBackupAnswer } from './answers/made-backup.ts';
export type { DrillAnswer, VerifyAnswer } from './answers/proofs.ts';
export type { RestoreAnswer, RestorePlanAnswer, TablesAnswer, TablesPlanAnswer } from './answers/restore.ts';
export type {
  BackedUpDatabaseAnswer,
  DatabaseOutcomeAnswer,
  LostDatabaseAnswer,
  ServerBackupAnswer,
  ServerPlanAnswer,
} from './answers/server-backup.ts';
export type { BackupAnswer, BackupDetailsAnswer, HoldAnswer } from './answers/stored-backup.ts';
