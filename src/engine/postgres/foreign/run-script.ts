/** The statements of a script that are to be run: all of those that the guard lets pass, or fewer. */

import { ScriptGuard } from './script-guard.ts';
import { cutScript, type ScriptPart } from './script-parts.ts';
import { kindOfStatement } from './statement-kind.ts';

/** Somebody's script as one of ours: content only, no command of psql. Throws `unsafe-script`, `damaged-script`. */
export async function* contentOfScript(script: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const guard = new ScriptGuard();
  yield* passing(script, (part) => guard.judge(part).verdict === 'pass');
}

/** Without the statements that give objects to owners, or rights to roles. */
export async function* withoutOwnersOrPrivileges(
  script: AsyncIterable<Uint8Array>,
  keep: { readonly owners: boolean; readonly privileges: boolean },
): AsyncGenerator<Uint8Array> {
  yield* passing(script, (part) => {
    if (part.kind !== 'statement') return true;
    const { kind } = kindOfStatement(part.bytes.toString('utf8'));
    return (kind !== 'owner' || keep.owners) && (kind !== 'privilege' || keep.privileges);
  });
}

/** Of a statement that is left out, what follows of it is too. */
async function* passing(
  script: AsyncIterable<Uint8Array>,
  mayPass: (part: ScriptPart) => boolean,
): AsyncGenerator<Uint8Array> {
  let passes = true;
  for await (const part of cutScript(script)) {
    if (part.kind !== 'more') passes = mayPass(part);
    if (!passes) continue;
    if (part.kind !== 'command') yield part.bytes;
    else yield Buffer.concat([part.before, Buffer.from(`${part.text}\n`)]);
  }
}

/** From these versions on psql can be locked against its own commands (release notes of August 2025). */
const lockableFrom: Readonly<Record<number, number>> = { 13: 22, 14: 19, 15: 14, 16: 10, 17: 6 };

/** `version`: `15.18`. */
export function canBeLocked(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  return major >= 18 || minor >= (lockableFrom[major] ?? Number.POSITIVE_INFINITY);
}

/** `key`: letters and digits that nobody can guess: the script must not be able to unlock itself. */
export async function* locked(script: AsyncIterable<Uint8Array>, key: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`\\restrict ${key}\n`);
  yield* script;
  yield Buffer.from(`\n\\unrestrict ${key}\n`);
}
