/** Databases that a look around suggests when no source of settings names one. */

import type { Surroundings } from '../../config/detect/look-around.ts';
import { databaseNameOf } from '../../config/database-name.ts';
import type { DraftDatabase } from './draft.ts';

export interface Candidate {
  /** For the question. */
  readonly label: string;
  readonly database: DraftDatabase;
}

/** The likeliest first. */
export function findCandidates(around: Surroundings): readonly Candidate[] {
  return [...fromPrisma(around), ...fromServers(around)];
}

function fromPrisma({ prisma }: Surroundings): readonly Candidate[] {
  if (prisma === null) return [];
  if (prisma.variable !== null) {
    const label = `${prisma.provider} of ${prisma.file}, by the variable ${prisma.variable} (not set here)`;
    return [{ label, database: { name: 'app', via: null, address: { kind: 'variable', name: prisma.variable } } }];
  }
  // Only a file's address is sure to hold no password.
  const { url } = prisma;
  if (url === null || !/^file:/.test(url)) return [];
  return [
    {
      label: `${url} of ${prisma.file}`,
      database: { name: databaseNameOf(url), via: null, address: { kind: 'url', url } },
    },
  ];
}

/** On a local server peer authentication is usual: this user, and a database of the same name. */
function fromServers({ localServers }: Surroundings): readonly Candidate[] {
  return localServers.map((socket) => {
    const folder = socket.slice(0, socket.lastIndexOf('/'));
    const port = socket.slice(socket.lastIndexOf('.') + 1);
    const url = `postgres:///postgres?host=${encodeURIComponent(folder)}&port=${port}`;
    return {
      label: `the database postgres of the server at ${socket}`,
      database: { name: 'postgres', via: null, address: { kind: 'url', url } },
    };
  });
}
