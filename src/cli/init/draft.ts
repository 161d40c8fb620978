/**
 * The settings file that `holdfast init` writes: short, every other key as a comment, and nothing that another source
 * says already, so that the two cannot come to disagree. Never a password: addresses stay where they are.
 */

import { stringify } from 'yaml';

export interface Draft {
  /** The name in the repository and where its address stands; null when none was found. */
  readonly database: DraftDatabase | null;
  readonly repository: { readonly path: string; readonly origin: string };
  /** Chosen by a person; null: not asked, or another source has a rule. */
  readonly keep: Readonly<Record<string, number>> | null;
}

export interface DraftDatabase {
  readonly name: string;
  readonly address: DraftAddress;
  /** What leads to it: `docker exec -i db`; null: it is reached directly, or another source says how. */
  readonly via: string | null;
}

export type DraftAddress =
  /** Another source has it, and this entry takes it from there: `DATABASE_URL in .env`. */
  | { readonly kind: 'elsewhere'; readonly origin: string }
  | { readonly kind: 'variable'; readonly name: string }
  /** Without password. */
  | { readonly kind: 'url'; readonly url: string };

export function draftSettings(draft: Draft): string {
  return `${[...head, '', ...repositoryLines(draft), '', ...databaseLines(draft), '', ...keepLines(draft), '', ...tail].join('\n')}\n`;
}

const head = [
  '# What Holdfast backs up, and how. Every key: docs/guide/configuration.md of Holdfast.',
  '# `holdfast config check` looks for mistakes, `holdfast config show` shows what counts in the end.',
];

function repositoryLines({ repository: { path, origin } }: Draft): readonly string[] {
  if (origin === 'default') return [entry({ repository: path }), '# The default. A folder on another disk is better.'];
  // A flag is gone with the run.
  if (origin.startsWith('--')) return [entry({ repository: path })];
  return [`# Backups rest in ${oneLine(path)}: ${oneLine(origin)} says so.`, `# repository: ${yaml(path)}`];
}

function databaseLines({ database }: Draft): readonly string[] {
  if (database === null) {
    return [
      '# databases:',
      '#   app:                          # the name in the repository',
      '#     urlEnv: DATABASE_URL        # or url: postgres://…, urlFile:, urlCommand:',
    ];
  }
  const { name, address, via } = database;
  const lines = [...addressLines(address), ...(via === null ? [] : [entry({ via })])];
  return ['databases:', `  ${yaml(name)}:`, ...lines.map((line) => `    ${line}`)];
}

function addressLines(address: DraftAddress): readonly string[] {
  switch (address.kind) {
    case 'elsewhere':
      return [`# Its address: ${oneLine(address.origin)}.`];
    case 'variable':
      return [entry({ urlEnv: address.name })];
    case 'url':
      return [entry({ url: address.url })];
  }
}

function keepLines({ keep }: Draft): readonly string[] {
  if (keep !== null) return ['keep:', ...Object.entries(keep).map(([word, count]) => `  ${word}: ${String(count)}`)];
  return [
    '# How long backups are kept. Without a rule nothing is ever deleted.',
    '# keep: { daily: 30, weekly: 12, monthly: 12, yearly: 7 }',
  ];
}

const tail = [
  '# What a restored copy must show in every drill, beyond being equal to the source:',
  '#     checks:',
  "#       - { sql: 'SELECT count(*) FROM orders', expect: '>= 1000' }",
  '#       - { table: orders, column: created_at, within: 26h }',
];

function entry(pair: Readonly<Record<string, string>>): string {
  return stringify(pair, { lineWidth: 0 }).trimEnd();
}

function yaml(text: string): string {
  return stringify(text, { lineWidth: 0 }).trimEnd();
}

/** A path or an origin may hold anything; a comment ends with its line. */
function oneLine(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
