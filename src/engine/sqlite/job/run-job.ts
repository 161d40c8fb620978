/** Starts a job's process and follows it. The process never outlives the call; aborting kills it. */

import { fileURLToPath } from 'node:url';
import type { Work } from '../../../domain/work.ts';
import { plainEnvironment, startChild, type RunningChild } from '../../../system/child-process.ts';
import { sqliteErrors } from '../errors.ts';
import type { JobCall, JobMessage, JobName, Jobs } from './job-protocol.ts';

const here = import.meta.url;
const program = fileURLToPath(new URL(here.endsWith('.ts') ? './job-main.ts' : './job-main.js', here));

/** Runs a job to its end. The text it makes goes to `onText`, at its pace. */
export async function runJob<N extends JobName>(
  name: N,
  request: Jobs[N]['request'],
  work: Work,
  onText: (text: string) => Promise<void> = () => Promise.resolve(),
): Promise<Jobs[N]['result']> {
  const messages = follow({ name, request } as JobCall, work);
  try {
    for (;;) {
      const next = await messages.next();
      if (next.done === true) return next.value as Jobs[N]['result'];
      await onText(next.value);
    }
  } finally {
    await messages.return(null);
  }
}

/** The text a job makes, piece by piece, at the reader's pace. */
export async function* streamJob<N extends JobName>(
  name: N,
  request: Jobs[N]['request'],
  work: Work,
): AsyncGenerator<string> {
  yield* follow({ name, request } as JobCall, work);
}

async function* follow(call: JobCall, work: Work): AsyncGenerator<string, unknown> {
  const spec = {
    command: process.execPath,
    args: ['--disable-warning=ExperimentalWarning', program],
    stdin: 'pipe' as const,
    env: plainEnvironment(),
  };
  await using child = await startChild(spec, work.signal);
  // Kept open: its end tells the job that this process is gone.
  child.stdin?.write(`${JSON.stringify(call)}\n`);
  for await (const line of lines(child)) {
    const message = JSON.parse(line) as JobMessage;
    if (message.type === 'progress') work.report(message.event);
    else if (message.type === 'text') yield message.text;
    else if (message.type === 'result') return message.value;
    else throw failure(message);
  }
  work.signal.throwIfAborted();
  const status = await child.ended;
  work.signal.throwIfAborted();
  const how = status.signal === null ? `exit code ${String(status.code)}` : `signal ${status.signal}`;
  throw sqliteErrors.make('sqlite-job-failed', `the ${call.name} job ended with ${how}: ${status.stderr}`);
}

function failure(message: JobMessage & { readonly type: 'error' }): Error {
  const known = Object.hasOwn(sqliteErrors.catalogue, message.code);
  const code = known ? (message.code as keyof typeof sqliteErrors.catalogue) : 'sqlite-job-failed';
  return sqliteErrors.make(code, message.message, message.hint === null ? {} : { hint: message.hint });
}

async function* lines(child: RunningChild): AsyncGenerator<string> {
  if (child.stdout === null) return;
  let rest: Buffer[] = [];
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      yield Buffer.concat([...rest, chunk.subarray(start, end)]).toString('utf8');
      rest = [];
      start = end + 1;
    }
    if (start < chunk.length) rest.push(chunk.subarray(start));
  }
}
