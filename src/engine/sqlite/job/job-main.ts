/** The job process: reads one job from standard input, does it, answers on standard output, and ends. */

import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { HoldfastError } from '../../../domain/error.ts';
import { wallClock } from '../../../system/wall-clock.ts';
import { asHoldfastError } from './sqlite-failure.ts';
import type { JobCall, JobMessage, JobReport } from './job-protocol.ts';

const standardOutput = 1;

/** Waits for the reader: a job is paced by whoever follows it, and nothing is lost when it ends. */
function send(message: JobMessage): void {
  const bytes = Buffer.from(`${JSON.stringify(message)}\n`);
  for (let at = 0; at < bytes.length; ) at += writeSync(standardOutput, bytes, at);
}

const report: JobReport = {
  clock: wallClock,
  progress: (event) => {
    send({ type: 'progress', event });
  },
  text: (text) => {
    send({ type: 'text', text });
  },
};

/** Each job loads its own code only: starting is most of what a small database costs. */
async function perform(call: JobCall): Promise<unknown> {
  switch (call.name) {
    case 'describe':
      return (await import('../image/describe-database.ts')).describeDatabase(call.request);
    case 'copy':
      return (await import('../image/copy-database.ts')).copyDatabase(call.request, report);
    case 'fingerprint':
      return (await import('../fingerprint/read-fingerprint.ts')).fingerprintFile(call.request, report);
    case 'check':
      return (await import('../restore/check-database.ts')).checkDatabase(call.request);
    case 'query':
      return (await import('../restore/query-database.ts')).queryDatabase(call.request);
    case 'dump':
      (await import('../dump/sql-dump.ts')).dumpDatabase(call.request, report);
      return null;
    case 'tidy':
      (await import('../image/open-database.ts')).removeOwnSideFiles(call.request.path);
      return null;
    case 'swap':
      return (await import('../restore/swap-files.ts')).swapFiles(call.request);
    case 'damage':
      return (await import('../damage/damage-job.ts')).readDamaged(call.request, report);
    case 'tables':
      return (await import('../tables/table-job.ts')).runTableJob(call.request, report);
  }
}

async function main(line: string): Promise<void> {
  try {
    send({ type: 'result', value: await perform(JSON.parse(line) as JobCall) });
  } catch (cause) {
    const error = cause instanceof HoldfastError ? cause : asHoldfastError(cause);
    send({ type: 'error', code: error.code, message: error.message, hint: error.hint });
  }
  process.exit(0);
}

// Ctrl-C reaches the whole process group; whether this job ends is for the parent to decide.
process.on('SIGINT', () => undefined);
const input = createInterface({ input: process.stdin });
input.once('line', (line) => void main(line));
input.once('close', () => process.exit(0));
