/** Settings that another place does not have: said beside the file, so that the first run there does not fail for them. */

import type { ExportRequest } from './export-kind.ts';
import type { ExportPlan } from './export-plan.ts';

/** For what runs on this machine, without this shell. */
export function weighShellSettings({ databases }: ExportPlan, where: string, request: ExportRequest): void {
  const names = [...new Set(databases.flatMap(({ secrets }) => secrets.onlyHere))];
  if (names.length === 0) return;
  request.weigh({
    severity: 'warning',
    code: 'setting-of-this-shell',
    message: `${names.join(', ')}: set in this shell only, ${where} will not have it`,
    hint: 'Write it into .env in this folder, readable by its owner alone (chmod 600 .env).',
  });
}

/** For what runs on other machines. */
export function weighMachineSettings({ databases }: ExportPlan, where: string, request: ExportRequest): void {
  for (const { secrets } of databases) {
    if (secrets.machineOnly === null) continue;
    request.weigh({
      severity: 'warning',
      code: 'setting-of-this-machine',
      message: `${secrets.machineOnly} is read on this machine, ${where} does not have it`,
      hint: 'Use urlEnv in holdfast.yaml, and give the variable as a secret.',
    });
  }
}
