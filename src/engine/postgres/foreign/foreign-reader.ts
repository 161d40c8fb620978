/** Files that pg_dump wrote for somebody else. */

import type { Work } from '../../../domain/work.ts';
import type { ForeignReader, RecognisedContent } from '../../foreign.ts';
import type { PostgresParts } from '../postgres-parts.ts';
import { headBytes, recognise } from './recognise.ts';

export function foreignReader({ environment }: PostgresParts): ForeignReader {
  return {
    headBytes,
    recognise,
    gather: () => Promise.resolve(null),
    survey: async (content, bytes, work) => {
      if (content.role === 'archive') {
        const { surveyArchive } = await import('./survey-archive.ts');
        return surveyArchive(artifact(content, bytes, work), environment, work);
      }
      if (content.role === 'globals') {
        const { surveyCluster } = await import('./survey-cluster.ts');
        return surveyCluster(content, bytes, work);
      }
      const { surveyScript } = await import('./survey-script.ts');
      return surveyScript(bytes, work);
    },
    artifact,
  };
}

async function* artifact(
  content: RecognisedContent,
  bytes: AsyncIterable<Uint8Array>,
  { signal }: Work,
): AsyncGenerator<Uint8Array> {
  if (content.role === 'sql') {
    const { contentOfScript } = await import('./run-script.ts');
    yield* contentOfScript(bytes);
  } else if (content.form === 'tar') {
    const { tarAsCustom } = await import('./tar-archive.ts');
    yield* tarAsCustom(bytes, signal);
  } else yield* bytes;
}
