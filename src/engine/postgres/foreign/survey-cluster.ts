/** A look through a script of pg_dumpall: whether it is complete. It is not restored here, so what it does is not judged. */

import { wholeScope } from '../../../domain/scope.ts';
import type { Work } from '../../../domain/work.ts';
import type { ForeignSurvey, RecognisedContent } from '../../foreign.ts';
import { archiveErrors } from '../archive/errors.ts';
import { majorOf } from '../restore/load/archive-writer.ts';

const lastLine = /^-- PostgreSQL database cluster dump complete\r?$/m;
/** What pg_dumpall writes behind the last statement is shorter. */
const tailBytes = 1024;

export async function surveyCluster(
  content: RecognisedContent,
  bytes: AsyncIterable<Uint8Array>,
  work: Work,
): Promise<ForeignSurvey> {
  let plainBytes = 0;
  let tail = Buffer.alloc(0);
  for await (const chunk of bytes) {
    work.signal.throwIfAborted();
    plainBytes += chunk.length;
    tail = Buffer.concat([tail, chunk.subarray(-tailBytes)]).subarray(-tailBytes);
  }
  if (!lastLine.test(tail.toString('latin1'))) {
    throw archiveErrors.make(
      'damaged-script',
      'the script does not end with "PostgreSQL database cluster dump complete"',
    );
  }
  const version = content.product?.replace(/^PostgreSQL ?/, '') ?? '';
  return {
    origin: {
      product: 'PostgreSQL',
      version: version === '' ? 'of an unknown version' : version,
      majorVersion: majorOf(version) ?? 0,
      sizeBytes: plainBytes,
      tool: 'pg_dumpall',
    },
    scope: wholeScope,
    needs: { roles: [], tablespaces: [], extensions: [] },
    plainBytes,
    contents: 'roles, settings and databases of a server',
    findings: [],
  };
}
