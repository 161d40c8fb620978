/** A message as a plain mail. Nothing in it can add a header: nodemailer encodes what it is given. */

import type { Message } from '../message.ts';

export interface Mail {
  readonly to: readonly string[];
  readonly from: string | null;
  readonly subject: string;
  readonly text: string;
}

export function mailOf(message: Message, { to, from }: Pick<Mail, 'to' | 'from'>): Mail {
  const width = Math.max(...message.facts.map(([name]) => name.length));
  const lines = [
    message.happened,
    '',
    message.means,
    ...(message.toDo.length === 0 ? [] : ['', 'What to do:', ...message.toDo.map((line) => `  - ${line}`)]),
    '',
    ...message.facts.map(([name, value]) => `${`${name}:`.padEnd(width + 2)}${value}`),
    '',
  ];
  return { to, from, subject: `[holdfast] ${message.title}`, text: lines.join('\n') };
}

/** What nodemailer is given. Auto-Submitted (RFC 3834) keeps holiday answers away. */
export function envelopeOf(mail: Mail): {
  readonly to: string[];
  readonly from?: string;
  readonly subject: string;
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
} {
  return {
    to: [...mail.to],
    ...(mail.from === null ? {} : { from: mail.from }),
    subject: mail.subject,
    text: mail.text,
    headers: { 'Auto-Submitted': 'auto-generated' },
  };
}
