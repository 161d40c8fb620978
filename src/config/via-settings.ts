/** `via`: the command that runs other commands where the database is, as a list of words or as one text. */

import { z } from 'zod';
import { viaProblem } from './via-prefix.ts';
import { splitWords } from './split-words.ts';

export const viaSetting = z
  .union([z.array(z.string().min(1, 'must not be empty')).min(1, 'must not be empty'), z.string()])
  .transform((given, context): readonly string[] => {
    const words = typeof given === 'string' ? splitWords(given) : given;
    const problem = words === null ? 'has a quote that is not closed' : viaProblem(words);
    if (words !== null && problem === null) return words;
    context.addIssue({ code: 'custom', message: problem ?? 'cannot be read' });
    return z.NEVER;
  });
