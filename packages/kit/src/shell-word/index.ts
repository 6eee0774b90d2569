/** One word for a POSIX shell, whatever is in it. */
export const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

/** The same to be read by a person: a plain word stays as it is. */
export const quotedIfNeeded = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : quoted(word))
