/** How a line says how much it matters: on a terminal by its words, in the journal by `<N>` (sd-daemon(3)), elsewhere by `[INFO]`. */

import { syslogPriority, type LogLevel } from '../../domain/log-level.ts';
import type { TextSink } from './output.ts';

export function taggedLine(sink: TextSink, level: LogLevel, text: string): string {
  if (sink.isTerminal) return text;
  return sink.isJournal === true ? priorityLine(sink, level, text) : `[${level.toUpperCase()}] ${text}`;
}

/** For lines whose words say it already. */
export function priorityLine(sink: TextSink, level: LogLevel, text: string): string {
  return sink.isJournal === true ? `<${String(syslogPriority(level))}>${text}` : text;
}
