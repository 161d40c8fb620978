/** Questions to the person at the terminal. Without one, nothing is asked and nothing waits. */

import { systemErrors } from '../system/errors.ts';
import { requestErrors } from '../requests/errors.ts';
import { cliErrors } from './errors.ts';
import type { Output } from './output/output.ts';

export interface Choice {
  readonly value: string;
  readonly label: string;
}

export interface Prompt {
  readonly isPossible: boolean;
  /** Throws `needs-yes` without a terminal, `declined` when something else was typed. */
  confirmByName(name: string, question: string): Promise<void>;
  /** Only when `isPossible`. */
  choose(question: string, choices: readonly Choice[]): Promise<string>;
}

export interface PromptOptions {
  readonly isTerminal: boolean;
  readonly yes: boolean;
  readonly output: Output;
  readonly signal: AbortSignal;
}

export function makePrompt({ isTerminal, yes, output, signal }: PromptOptions): Prompt {
  return {
    isPossible: isTerminal,
    confirmByName: async (name, question) => {
      if (yes) return;
      if (!isTerminal)
        throw cliErrors.make(
          'needs-yes',
          `${question.replace(/\.$/, '')}; this must be confirmed, and there is no terminal to ask on`,
        );
      output.pause();
      const { text, isCancel } = await import('@clack/prompts');
      const answer = await text({ message: `${question} Type ${name} to go on.`, signal });
      if (isCancel(answer)) throw leave(signal);
      if (answer.trim() !== name) throw requestErrors.make('declined', 'not confirmed, nothing was changed');
    },
    choose: async (question, choices) => {
      output.pause();
      const { select, isCancel } = await import('@clack/prompts');
      const options = choices.map(({ value, label }) => ({ value, label }));
      const answer = await select<string>({ message: question, options, maxItems: 10, signal });
      if (isCancel(answer)) throw leave(signal);
      return answer;
    },
  };
}

/** clack reads Ctrl-C as a key: no signal arrives then. */
function leave(signal: AbortSignal): unknown {
  return signal.aborted
    ? signal.reason
    : systemErrors.make('interrupted', 'stopped at the question, nothing was changed');
}
