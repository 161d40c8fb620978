/** `holdfast.json` and `README.txt`: what makes a place a repository (docs/format.md, section 3). */

import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../domain/clock.ts';
import type { Store } from '../storage/store.ts';
import { repositoryErrors } from './errors.ts';
import { readmeFile, repositoryFile } from './layout.ts';
import { readmeText } from './readme-text.ts';
import { sealJson, unsealJson } from './sealed-json.ts';
import { putIfAbsent, readSmall } from './small-object.ts';

export interface RepositoryFacts {
  readonly id: string;
  readonly created: boolean;
}

const formatSchema = z.object({ format: z.int() });
const factsSchema = z.object({ repository: z.string().min(1), created: z.iso.datetime() });

/** Throws `no-repository`, `repository-newer`, `repository-damaged`. */
export async function readRepositoryFile(store: Store, signal: AbortSignal): Promise<RepositoryFacts> {
  const bytes = await readSmall(store, repositoryFile, signal);
  if (bytes === null) throw repositoryErrors.make('no-repository', `no repository in ${store.label}`);
  const unsealed = unsealJson(bytes);
  if (!unsealed.ok) {
    throw repositoryErrors.make('repository-damaged', `${repositoryFile} in ${store.label}: ${unsealed.problem}`);
  }
  const format = formatSchema.safeParse(unsealed.value);
  const facts = factsSchema.safeParse(unsealed.value);
  if (format.success && format.data.format !== 1) {
    const version = String(format.data.format);
    throw repositoryErrors.make('repository-newer', `the repository in ${store.label} has format version ${version}`);
  }
  if (!format.success || !facts.success) {
    throw repositoryErrors.make('repository-damaged', `${repositoryFile} in ${store.label} has not the form it should`);
  }
  return { id: facts.data.repository, created: false };
}

/** Of two that create at the same time one wins, and both use what is there then. */
export async function createRepositoryFile(
  store: Store,
  by: { readonly clock: Clock; readonly writer: string },
  signal: AbortSignal,
): Promise<RepositoryFacts> {
  // First the README, so that a repository is never without; one that is there already stays, whoever wrote it.
  await putIfAbsent(store, readmeFile, Buffer.from(readmeText), signal);
  const id = randomUUID();
  const content = { format: 1, repository: id, created: by.clock.now().toISOString(), writer: by.writer };
  const won = await putIfAbsent(store, repositoryFile, sealJson(content), signal);
  return won ? { id, created: true } : readRepositoryFile(store, signal);
}
