/** A damaged database: how bad it is, and what still reads of it. */

import { damageAnswer, salvageAnswer, type DamageAnswer, type SalvageAnswer } from '../answers/damage.ts';
import { assessDamage } from '../operations/damage.ts';
import { salvage } from '../operations/salvage.ts';
import { backupRequestOf, salvageRequestOf, type BackupWishes } from '../requests/backup-request.ts';
import { chooseTarget, oneDatabase, type SettingsAndTarget } from '../requests/choose.ts';
import type { Call, CallOptions } from './calls.ts';
import type { DatabaseChoice } from './reading.ts';
import type { Session, Weighed } from './session.ts';

export type AssessOptions = CallOptions & DatabaseChoice;

export interface SalvageOptions
  extends CallOptions,
    DatabaseChoice,
    Pick<BackupWishes, 'label' | 'owners' | 'privileges' | 'level' | 'lockTimeoutMs'> {}

export interface Damaged {
  /**
   * Reads every table to its end and checks every index; says what the newest good backup holds, and the ways back. It tells: it does not throw for
   * damage, and changes nothing.
   */
  assessDamage(options?: AssessOptions): Promise<Weighed<DamageAnswer>>;
  /**
   * Saves what still reads, as a partial backup that is never `latest`. What was lost is the answer, not an error: look at `lost`. Throws
   * `locked`, and what says that nothing at all can be read.
   */
  salvage(options?: SalvageOptions): Promise<Weighed<SalvageAnswer>>;
}

export function makeDamaged(session: Session): Damaged {
  return {
    assessDamage: (options = {}) =>
      session.call(options, async (call) => {
        const { settings, target } = await oneWanted(options, call);
        const result = await assessDamage({ target, database: settings.name }, await call.parts(), call.work);
        const findings = [...call.configured.findings, ...result.findings];
        call.weigh(findings);
        return { ...damageAnswer(result), findings };
      }),
    salvage: (options = {}) =>
      session.run({ verb: 'backup', database: options.database }, options, async (call) => {
        const { settings, target } = await oneWanted(options, call);
        call.weigh(call.configured.findings);
        const request = salvageRequestOf(backupRequestOf(options, settings, target, call.configured));
        const result = await salvage(request, await call.parts(), call.work);
        call.weigh(result.findings);
        const answer = salvageAnswer(result);
        if (answer.lost) call.endWith(15);
        return answer;
      }),
  };
}

async function oneWanted({ database }: DatabaseChoice, call: Call): Promise<SettingsAndTarget> {
  return oneDatabase(await chooseTarget(database === undefined ? [] : [database], call));
}
