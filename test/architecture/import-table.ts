/**
 * The import table of ARCHITECTURE.md: which folder of `src/` may import which others. An edge that is not listed fails
 * the test, and so does a listed one that nobody uses. Imports inside one folder are free.
 */

export interface ImportTable {
  /** Folder → folders it imports. The longest folder that holds a file counts as the file's. */
  readonly folders: Readonly<Record<string, readonly string[]>>;
  /** npm package → folders that import it. */
  readonly packages: Readonly<Record<string, readonly string[]>>;
  /** Folders that know nothing of the machine: no `node:` import. */
  readonly withoutMachine: readonly string[];
  /** Folder → words that no identifier and no string of it may contain. */
  readonly forbiddenWords: Readonly<Record<string, readonly string[]>>;
  readonly maximumLines: number;
}

const engineKinds = ['postgres', 'postgresql', 'psql', 'pg', 'sqlite', 'sqlite3', 'mysql'];
const storeKinds = ['s3', 'gcs', 'azure', 'sftp'];

export const importTable: ImportTable = {
  folders: {
    domain: [],
    system: ['domain'],
    codec: ['domain'],
    storage: ['domain'],
    'storage/local': ['storage', 'system', 'domain'],
    'storage/memory': ['storage', 'system', 'domain'],
    engine: ['domain'],
    'engine/postgres': ['engine', 'codec', 'system', 'domain'],
    'engine/sqlite': ['engine', 'system', 'domain'],
    repository: ['storage', 'codec', 'system', 'domain'],
    operations: ['repository', 'engine', 'codec', 'system', 'domain'],
    notify: ['domain'],
    'notify/slack': ['notify', 'domain'],
    'notify/email': ['notify', 'system', 'domain'],
    'notify/pagerduty': ['notify', 'domain'],
    'notify/webhook': ['notify', 'domain'],
    'notify/ping': ['notify', 'domain'],
    jobs: ['notify', 'system', 'domain'],
    config: ['engine', 'system', 'domain'],
    'assemble.ts': [
      'config',
      'operations',
      'repository',
      'engine',
      'engine/postgres',
      'engine/sqlite',
      'storage/local',
      'notify',
      'notify/slack',
      'notify/email',
      'notify/pagerduty',
      'notify/webhook',
      'notify/ping',
      'system',
      'domain',
    ],
    // Between those who ask, the command line and the library, and the operations: what is asked, and what came out.
    requests: ['config', 'jobs', 'operations', 'engine', 'domain'],
    answers: ['operations', 'engine', 'config', 'domain'],
    library: ['assemble.ts', 'requests', 'answers', 'config', 'jobs', 'operations', 'engine', 'system', 'domain'],
    'index.ts': ['library', 'requests', 'answers', 'domain'],
    cli: [
      'assemble.ts',
      'requests',
      'answers',
      'config',
      'jobs',
      'operations',
      'notify',
      'repository',
      'engine',
      'system',
      'domain',
    ],
  },
  packages: {
    pg: ['engine/postgres'],
    zod: ['domain', 'engine/postgres', 'repository', 'config'],
    nodemailer: ['notify/email'],
    // Exports are YAML as well.
    yaml: ['config', 'cli'],
    commander: ['cli'],
    '@clack/prompts': ['cli'],
  },
  withoutMachine: ['domain'],
  forbiddenWords: { operations: [...engineKinds, ...storeKinds] },
  maximumLines: 400,
};
