/**
 * The service of a job. The sandbox (systemd.exec(5)) leaves what a backup and a drill need: the network and local sockets,
 * the repository, the state directory, a /tmp of its own for throwaway servers, and memory that is written and run
 * (V8 compiles).
 */

import type { ExportedDatabase, Job, Place } from './export-plan.ts';
import type { UnitUser } from './systemd.ts';

export function serviceUnit(job: Job, { fileFolder }: ExportedDatabase, place: Place, user: UnitUser): string {
  const command = [...place.program, ...job.words, ...place.flags, '--quiet'].map(commandWord).join(' ');
  const writable = [place.repository, place.stateDirectory, ...(fileFolder === null ? [] : [fileFolder])];
  return [
    '# Holdfast, by `holdfast export systemd`.',
    '[Unit]',
    `Description=Holdfast: ${job.operation} of ${job.database}`,
    'Wants=network-online.target',
    'After=network-online.target',
    '',
    '[Service]',
    'Type=oneshot',
    ...(user.isRoot ? ['# A user of its own that may write the folders below is better.'] : []),
    `User=${user.name}`,
    `WorkingDirectory=${specifiers(place.folder)}`,
    `ExecStart=${command}`,
    '# 3: done, with warnings; they are in the journal.',
    'SuccessExitStatus=3',
    ...place.variables.map(([name, value]) => `Environment=${unitWord(`${name}=${value}`)}`),
    '# What .env does not have: NAME=value lines, readable by root alone.',
    'EnvironmentFile=-/etc/holdfast/environment',
    'UMask=0077',
    'Nice=10',
    'IOSchedulingPriority=7',
    '',
    '# A folder that is not there yet (-) must be made before the first run.',
    'ProtectSystem=strict',
    `ReadWritePaths=${writable.map((path) => unitWord(`-${path}`)).join(' ')}`,
    'ProtectHome=read-only',
    'PrivateTmp=yes',
    'PrivateDevices=yes',
    'ProtectKernelTunables=yes',
    'ProtectKernelModules=yes',
    'ProtectKernelLogs=yes',
    'ProtectControlGroups=yes',
    'ProtectClock=yes',
    'ProtectHostname=yes',
    'NoNewPrivileges=yes',
    ...capabilities(user),
    'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK',
    'RestrictNamespaces=yes',
    'RestrictRealtime=yes',
    'RestrictSUIDSGID=yes',
    'LockPersonality=yes',
    'SystemCallArchitectures=native',
    'SystemCallFilter=@system-service',
    'SystemCallErrorNumber=EPERM',
    '',
  ].join('\n');
}

/** PostgreSQL's server refuses to run as root: drills of root change the user, and give it its files. */
function capabilities({ isRoot }: UnitUser): readonly string[] {
  const needed = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'KILL', 'SETGID', 'SETUID'].map((name) => `CAP_${name}`);
  return [`CapabilityBoundingSet=${isRoot ? needed.join(' ') : ''}`];
}

/** systemd.service(5), "Command lines": `$` begins a variable there, unless it is doubled. */
function commandWord(text: string): string {
  return unitWord(text.replaceAll('$', '$$$$'));
}

/** systemd.syntax(7), "Quoting". */
function unitWord(text: string): string {
  const plain = specifiers(text);
  if (/^[A-Za-z0-9_@%+=:,./$-]+$/.test(plain)) return plain;
  return `"${plain.replaceAll(/["\\]/g, '\\$&')}"`;
}

/** systemd.unit(5), "Specifiers". */
function specifiers(text: string): string {
  return text.replaceAll('%', '%%');
}
