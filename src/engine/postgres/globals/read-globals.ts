/** Both sides of a comparison: what a backup holds of its server, and what the server at hand has. */

import type { BackupSource } from '../../../domain/artifact.ts';
import { noRoles, type RoleMap } from '../../../domain/role-map.ts';
import type { Work } from '../../../domain/work.ts';
import type { Session } from '../connection/session.ts';
import { readGlobals } from '../dump/globals.ts';
import type { ServerFacts } from '../server-facts.ts';
import type { RestoreContext } from '../restore/context.ts';
import { findTools } from '../via/find-tools.ts';
import { globalsErrors } from './errors.ts';
import { gatherGlobals, type ServerGlobals } from './model.ts';
import { parseGlobals } from './parse-globals.ts';
import type { PresentServer } from './weigh-globals.ts';

/** From this version on who granted a membership means something (documentation, GRANT, "Notes"). */
const grantorsMatterMajor = 16;

export interface StoredGlobals {
  readonly globals: ServerGlobals;
  /** Every role that the script names as its own, before any is mapped. */
  readonly roleNames: ReadonlySet<string>;
  readonly hasPasswords: boolean;
}

/** Throws `globals-missing`, `globals-unreadable`. */
export async function readStoredGlobals(source: BackupSource, roles: RoleMap, work: Work): Promise<StoredGlobals> {
  const { manifest } = source;
  const artifact = manifest.artifacts.find(({ role }) => role === 'globals');
  if (artifact === undefined) {
    throw globalsErrors.make('globals-missing', `${manifest.id} holds no roles and settings of its server`);
  }
  const chunks: Buffer[] = [];
  for await (const chunk of source.open(artifact, work)) chunks.push(Buffer.from(chunk));
  const statements = parseGlobals(Buffer.concat(chunks));
  return {
    globals: gatherGlobals(statements, roles, manifest.origin.majorVersion >= grantorsMatterMajor),
    roleNames: new Set(statements.flatMap((one) => (one.kind === 'create-role' ? [one.role] : []))),
    hasPasswords: !manifest.findings.some(({ code }) => code === 'globals-without-passwords'),
  };
}

export interface ReadServer {
  readonly present: PresentServer;
  readonly hasPasswords: boolean;
}

/** What the server has now, as pg_dumpall of its own version writes it. */
export async function readPresentServer(
  context: RestoreContext,
  session: Session,
  facts: ServerFacts,
  work: Work,
): Promise<ReadServer> {
  const { address } = session;
  const tools = await findTools(address, facts.major, context.environment, work.signal);
  const text = await readGlobals({ address, tools }, facts.mayReadPasswords, work.signal);
  const globals = gatherGlobals(parseGlobals(text.bytes), noRoles, facts.major >= grantorsMatterMajor);
  const rows = await session.query<{ name: string }>('select rolname::text as name from pg_roles where oid = 10');
  const untouchable = new Set([...rows.map(({ name }) => name), facts.user]);
  return { present: { globals, major: facts.major, untouchable }, hasPasswords: text.hasPasswords };
}
