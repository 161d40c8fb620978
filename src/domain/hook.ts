/** Steps of a team's own around a backup or a restore: what runs when, and what it is told. */

export const hookPoints = [
  'beforeBackup',
  'afterBackup',
  'beforeRestore',
  'beforeSwap',
  'afterSwap',
  'afterRestore',
  'onFailure',
] as const;

export type HookPoint = (typeof hookPoints)[number];

export interface HookStep {
  /** An argument vector, run as it is; or a line for `/bin/sh -c`. */
  readonly command:
    | { readonly kind: 'program'; readonly argv: readonly string[] }
    | { readonly kind: 'shell'; readonly line: string };
  readonly timeoutMs: number;
  /** Variables that hold secrets and are let through all the same: asked for by name. */
  readonly env: readonly string[];
}

export interface Hooks {
  readonly steps: Readonly<Record<HookPoint, readonly HookStep[]>>;
  /** The folder they run in: that of the file that names them. */
  readonly cwd: string;
  /** What they may be given of. It holds secrets: never print it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** How it went so far; `running` before anything could go well or wrong. */
export type HookOutcome = 'running' | 'done' | 'failed' | 'interrupted';

export interface HookFacts {
  readonly operation: 'backup' | 'restore';
  /** The name in the repository. */
  readonly database: string;
  /** The id; null as long as there is none. */
  readonly backup: string | null;
  readonly outcome: HookOutcome;
  /** The code of the error that made it fail. */
  readonly error: string | null;
}

/** For people: the program and its first words, or the line; never more than a line of a screen. */
export function describeStep({ command }: HookStep): string {
  const text = command.kind === 'shell' ? `sh: ${command.line.trim().replaceAll(/\s+/g, ' ')}` : command.argv.join(' ');
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

/** Words in a variable's name, and an address with a password in its value, that make it a secret. */
const secretName =
  /pass(?:word|wd|phrase)?|secret|token|credential|private|api_?key|access_?key|webhook|database_url|dsn/i;
const secretValue = /:\/\/[^/\s:@]*:[^@\s]+@/;

/** True for variables that a step gets only when it asks for them by name. `NAME_FILE` and `NAME_COMMAND` only point at one. */
export function isSecretVariable(name: string, value: string): boolean {
  if (/_(?:FILE|COMMAND)$/.test(name)) return false;
  return secretName.test(name) || secretValue.test(value);
}

export interface StepEnvironment {
  readonly variables: Readonly<Record<string, string>>;
  /** What was let through by name: never to be shown. */
  readonly secrets: readonly string[];
  /** Names that were asked for and are not set. */
  readonly missing: readonly string[];
}

/**
 * The whole environment of a step: the surrounding one without its secrets, those of them that it asks for, and the facts.
 * `DATABASE_URL`, asked for, is the address of the very database.
 */
export function stepEnvironment(
  point: HookPoint,
  step: Pick<HookStep, 'env'>,
  facts: HookFacts,
  surrounding: { readonly variables: Readonly<Record<string, string | undefined>>; readonly url: string },
): StepEnvironment {
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(surrounding.variables)) {
    if (value !== undefined && !isSecretVariable(name, value)) variables[name] = value;
  }
  const secrets: string[] = [];
  const missing: string[] = [];
  for (const name of step.env) {
    const value = name === 'DATABASE_URL' ? surrounding.url : surrounding.variables[name];
    if (value === undefined) {
      missing.push(name);
      continue;
    }
    variables[name] = value;
    if (isSecretVariable(name, value)) secrets.push(...secretsIn(value));
  }
  return { variables: { ...variables, ...factVariables(point, facts) }, secrets, missing };
}

function factVariables(point: HookPoint, facts: HookFacts): Readonly<Record<string, string>> {
  return {
    HOLDFAST_HOOK: point,
    HOLDFAST_OPERATION: facts.operation,
    HOLDFAST_DATABASE: facts.database,
    HOLDFAST_BACKUP: facts.backup ?? '',
    HOLDFAST_OUTCOME: facts.outcome,
    HOLDFAST_ERROR: facts.error ?? '',
  };
}

/** The value, and of an address its password also alone. */
function secretsIn(value: string): readonly string[] {
  const password = /:\/\/[^/\s:@]*:([^@\s]+)@/.exec(value)?.[1];
  return password === undefined ? [value] : [value, password];
}

const shortestSecret = 4;

/** The text with every secret in it made unreadable. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length >= shortestSecret)
    .reduce((shown, secret) => shown.replaceAll(secret, '…'), text);
}
