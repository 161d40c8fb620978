/**
 * `initdb` once per version and choice of arguments: the result is kept in the test cache and copied per server, which
 * takes a tenth of the time.
 */

import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { SystemUser } from '../../src/system/unprivileged-user.ts';
import { renewSystemIdentifier } from './cluster-identity.ts';
import { testCacheDirectory } from './server-binaries.ts';

const run = promisify(execFile);

export interface ClusterRequest {
  readonly binDirectory: string;
  readonly initdbArgs: readonly string[];
  readonly user: SystemUser | null;
}

/** Makes `dataDirectory`: a fresh cluster with superuser `postgres`, UTF8, trust everywhere. */
export async function copyCluster(request: ClusterRequest, dataDirectory: string): Promise<void> {
  const template = await findOrMakeTemplate(request);
  await run('cp', ['-a', template, dataDirectory]);
  await renewSystemIdentifier(dataDirectory);
}

async function findOrMakeTemplate(request: ClusterRequest): Promise<string> {
  const { stdout: version } = await run(join(request.binDirectory, 'postgres'), ['--version']);
  const identity = JSON.stringify([request.binDirectory, version, request.initdbArgs, request.user?.name]);
  const key = createHash('sha256').update(identity).digest('hex').slice(0, 16);
  const clusters = join(testCacheDirectory(), 'clusters');
  const template = join(clusters, key);
  if (existsSync(template)) return template;
  await mkdir(clusters, { recursive: true });
  const unfinished = `${template}.${process.pid}.${randomBytes(3).toString('hex')}`;
  try {
    await initialise(request, unfinished);
    await rename(unfinished, template);
  } catch (cause) {
    await rm(unfinished, { recursive: true, force: true });
    // Another test process was faster: its template is as good.
    if (!existsSync(template)) throw cause;
  }
  return template;
}

async function initialise(request: ClusterRequest, dataDirectory: string): Promise<void> {
  await mkdir(dataDirectory, { mode: 0o700 });
  if (request.user !== null) await chown(dataDirectory, request.user.uid, request.user.gid);
  const standard = ['-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'];
  await run(join(request.binDirectory, 'initdb'), ['-D', dataDirectory, ...standard, ...request.initdbArgs], {
    cwd: '/',
    ...(request.user === null ? {} : { uid: request.user.uid, gid: request.user.gid }),
  });
}
