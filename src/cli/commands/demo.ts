import { join } from 'node:path';
import { assemble, openPlayground } from '../../assemble.ts';
import { targetFromArgument } from '../../config/load.ts';
import { formatDuration } from '../../domain/amounts.ts';
import { makeTemporaryDirectory } from '../../system/temporary-directory.ts';
import { defineCommand, type Context } from '../command.ts';
import { clearAbandoned, demoPurpose } from '../demo/abandoned.ts';
import { loadLifelike } from '../demo/load-lifelike.ts';
import { openStage } from '../demo/stage.ts';
import { tellDatabaseStory, tellFileStory } from '../demo/story.ts';
import { readVersion } from '../../system/version.ts';

/** About 65 MB on the server's disk. */
const scale = 3;

export const command = defineCommand<object>({
  summary: 'see all of it work on a throwaway database',
  usage: '',
  details:
    'Starts a throwaway PostgreSQL server, loads a lifelike database, backs it up, proves the backup, destroys a table,\n' +
    'restores, and shows that the rows are back; then the same with a SQLite file. Nothing is left afterwards. Addresses in\n' +
    'the environment are ignored; with --url it makes a database of its own on that server, and drops it.',
  examples: [
    ['holdfast demo', 'on a server of its own'],
    ['holdfast demo --url postgres://me@localhost/postgres', 'on a server that is there'],
  ],
  exits: [],
  addFlags: () => undefined,
  run: async (_words, _flags, context) => {
    const { output, clock, work } = context;
    const begunMs = clock.monotonicMs();
    await clearAbandoned((stateDirectory) => sweep(stateDirectory, context));
    const { databases } = await play(context);
    const took = formatDuration(clock.monotonicMs() - begunMs);
    work.signal.throwIfAborted();
    output.print([
      '',
      `${output.style.good('✓')} That was all real, in ${took}. Nothing of it is left on this machine.`,
    ]);
    output.result('demo', 0, { databases, durationMs: Math.round(clock.monotonicMs() - begunMs) });
    return 0;
  },
});

async function play(context: Context): Promise<{ readonly databases: readonly string[] }> {
  const { output, work, common, loadRequest } = context;
  const { signal } = work;
  await using folder = await makeTemporaryDirectory(demoPurpose);
  const environment = demoEnvironment(context.environment, folder.path);
  const target = common.url === undefined ? null : await targetFromArgument(common.url, '--url', loadRequest);
  work.report({ kind: 'step', text: 'making room for a database' });
  await using playground = await openPlayground(target, { environment, signal });
  const inside = { ...environment, DATABASE_URL: playground.url };
  const stage = openStage(context, inside, folder.path);
  output.print([`Everything here happens for real, on ${playground.description} and a SQLite file.`]);
  stage.scene('A shop and its database');
  work.report({ kind: 'step', text: 'loading customers, orders, documents' });
  await loadLifelike(() => playground.connect(), { scale, connections: 2 });
  await tellDatabaseStory(stage, playground, target === null ? [] : ['--on', 'env:DATABASE_URL']);
  await tellFileStory(stage, folder.path);
  work.report({ kind: 'step', text: 'clearing up' });
  return { databases: [playground.databaseName, 'notes.db'] };
}

/** Nothing inherited but where programs are found: no address, no password, no repository of the user's. */
function demoEnvironment(given: NodeJS.ProcessEnv, folder: string): NodeJS.ProcessEnv {
  const kept = ['PATH', 'HOLDFAST_PG_BIN', 'TMPDIR', 'TZ'].flatMap((name) => {
    const value = given[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(kept), HOME: folder, HOLDFAST_STATE_DIR: join(folder, 'state') };
}

async function sweep(stateDirectory: string, context: Context): Promise<void> {
  const { signal } = context.work;
  const environment = { ...context.environment, HOLDFAST_STATE_DIR: stateDirectory };
  const repository = { path: stateDirectory, origin: 'demo' };
  const { engines } = assemble({ repository, timezone: null }, { environment, version: readVersion(), signal });
  for (const url of ['postgres://localhost', 'file:x.db']) await engines.forUrl(url).sweepLocal(context.work);
}
