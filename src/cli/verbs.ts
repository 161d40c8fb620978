/** The verbs and where they are: each is loaded only when it is used. */

import type { LoadedCommand } from './command.ts';

export interface Verb {
  readonly name: string;
  readonly summary: string;
  load(): Promise<{ readonly command: LoadedCommand }>;
}

export const verbs: readonly Verb[] = [
  { name: 'init', summary: 'set up: settings, a first backup, its proof', load: () => import('./commands/init.ts') },
  { name: 'config', summary: 'check or show the settings', load: () => import('./commands/config.ts') },
  { name: 'doctor', summary: 'look whether everything is ready', load: () => import('./commands/doctor.ts') },
  { name: 'backup', summary: 'back up a database', load: () => import('./commands/backup.ts') },
  { name: 'list', summary: 'list the backups', load: () => import('./commands/list.ts') },
  { name: 'show', summary: 'show all that is known of a backup', load: () => import('./commands/show.ts') },
  { name: 'verify', summary: 'read a backup again and check every byte', load: () => import('./commands/verify.ts') },
  {
    name: 'drill',
    summary: 'prove a backup: restore it aside and compare row for row',
    load: () => import('./commands/drill.ts'),
  },
  {
    name: 'restore',
    summary: 'bring a database, or tables of it, back',
    load: () => import('./commands/restore.ts'),
  },
  { name: 'prune', summary: 'let go what no rule keeps', load: () => import('./commands/prune.ts') },
  { name: 'pin', summary: 'keep a backup whatever the rules say', load: () => import('./commands/pin.ts') },
  { name: 'unpin', summary: 'leave a pinned backup to the rules again', load: () => import('./commands/unpin.ts') },
  { name: 'extract', summary: 'write a plain .sql, .dump or .db file', load: () => import('./commands/extract.ts') },
  {
    name: 'status',
    summary: 'one screen: newest backups, counts, room, health',
    load: () => import('./commands/status.ts'),
  },
  {
    name: 'health',
    summary: 'check that backups are new enough, and proven',
    load: () => import('./commands/health.ts'),
  },
  { name: 'notify', summary: 'try the channels that messages go to', load: () => import('./commands/notify.ts') },
  {
    name: 'export',
    summary: 'write files for cron, systemd, GitHub, Kubernetes, Docker, Prometheus',
    load: () => import('./commands/export.ts'),
  },
  {
    name: 'completion',
    summary: 'completion for bash, zsh or fish',
    load: () => import('./commands/completion.ts'),
  },
  { name: 'demo', summary: 'see all of it work on a throwaway database', load: () => import('./commands/demo.ts') },
];
