/** A service and a timer for each job: `Persistent=true`, so that what a sleeping machine missed is caught up. */

import { userInfo } from 'node:os';
import type { ExportFile, ExportKind } from './export-kind.ts';
import { planExport, type ExportedDatabase, type ExportPlan, type Job } from './export-plan.ts';
import { calendarExpressions } from './systemd-calendar.ts';
import { serviceUnit } from './systemd-service.ts';
import { weighShellSettings } from './weigh-settings.ts';

export const systemdExport: ExportKind = {
  name: 'systemd',
  summary: 'services and timers, hardened',
  render: async (context, request) => {
    const plan = await planExport(context, request);
    weighShellSettings(plan, 'systemd', request);
    const { username, uid } = userInfo();
    return systemdUnits(plan, { name: username, isRoot: uid === 0 });
  },
};

export interface UnitUser {
  readonly name: string;
  readonly isRoot: boolean;
}

export function systemdUnits(plan: ExportPlan, user: UnitUser): readonly ExportFile[] {
  return plan.databases.flatMap((database) => database.jobs.flatMap((job) => unitsOf(job, database, plan, user)));
}

function unitsOf(job: Job, database: ExportedDatabase, plan: ExportPlan, user: UnitUser): readonly ExportFile[] {
  const name = `holdfast-${job.operation}-${job.database}`;
  return [
    { name: `${name}.service`, content: serviceUnit(job, database, plan.place, user) },
    { name: `${name}.timer`, content: timerUnit(job, name, plan.timeZone) },
  ];
}

function timerUnit({ operation, database, schedule }: Job, name: string, timeZone: string): string {
  return [
    `# Start it with: systemctl enable --now ${name}.timer`,
    '[Unit]',
    `Description=Holdfast: ${operation} of ${database}, ${schedule.written}`,
    '',
    '[Timer]',
    ...calendarExpressions(schedule, timeZone).map((each) => `OnCalendar=${each}`),
    'Persistent=true',
    '# Not with every other timer of the hour, and each day at the same moment.',
    'RandomizedDelaySec=5min',
    'FixedRandomDelay=true',
    '',
    '[Install]',
    'WantedBy=timers.target',
    '',
  ].join('\n');
}
