/** Splits a text into words as a shell does it with quotes and backslashes, and without everything else a shell does. */

/** Null when a quote is not closed. */
export function splitWords(text: string): readonly string[] | null {
  const words: string[] = [];
  const word = /\s*((?:[^\s'"\\]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")+)(?=\s|$)/suy;
  const trimmed = text.trimEnd();
  while (word.lastIndex < trimmed.length) {
    const found = word.exec(trimmed)?.[1];
    if (found === undefined) return null;
    words.push(unquote(found));
  }
  return words;
}

function unquote(word: string): string {
  return word.replaceAll(/'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/gsu, (_all, single, double, escaped) => {
    if (typeof single === 'string') return single;
    if (typeof double === 'string') return double.replaceAll(/\\(["\\$`])/g, '$1');
    return String(escaped);
  });
}
