/**
 * The machine's syslog, by util-linux' `logger`: Node has no datagram sockets of the Unix kind. Each line carries its own
 * priority (`--prio-prefix`).
 */

import { syslogPriority } from '../domain/log-level.ts';
import { messageOf } from '../domain/error.ts';
import { startChild } from './child-process.ts';
import type { LogSink } from './log-sink.ts';

/** How long the end of a run waits for a syslog that does not take its lines. */
const patienceMs = 2000;

/** Throws `tool-missing`. */
export async function openSyslog(): Promise<LogSink> {
  const stopping = new AbortController();
  // Without the last one it ends with 0 when nobody takes its lines (util-linux 2.38, where systemd is not init).
  const args = ['--tag', 'holdfast', `--id=${String(process.pid)}`, '--prio-prefix', '--socket-errors=on'];
  // Away from our terminal: Ctrl-C is for the run, and what is said of it must still be logged.
  const spec = { command: 'logger', args, stdin: 'pipe', stdout: 'ignore', detached: true } as const;
  const child = await startChild(spec, stopping.signal);
  return {
    write: (level, text) => {
      child.stdin?.write(`<${String(syslogPriority(level))}>${text}\n`);
    },
    close: async () => {
      child.stdin?.end();
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
      }, patienceMs);
      try {
        await child.succeed();
        return null;
      } catch (thrown) {
        return messageOf(thrown);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
