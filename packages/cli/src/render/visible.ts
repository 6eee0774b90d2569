// What a model, a tool or a file name says reaches the terminal as text only: an escape sequence in it could rewrite
// the screen, set the title, or put words into the clipboard.

/** C0 but for tab and newline, DEL, and C1: with these a terminal is commanded. */
const controls = '\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f'
/** Characters that reorder or hide what stands beside them. */
const reordering = '\\u061c\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2069\\ufeff'

const control = new RegExp(`[${controls}]`, 'g')
const deceiving = new RegExp(`[${controls}${reordering}]`, 'g')

/** A text without control characters; newlines and tabs stay. It may be a piece of a longer one. */
export function visible(text: string): string {
  return text.replace(control, '')
}

/** A text on one line that reads exactly as it is: what a person decides on. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').replace(deceiving, '').trim()
}

/** One line, cut to so many characters, with an ellipsis where something is left out. */
export function cut(text: string, width: number): string {
  const line = oneLine(text)
  const characters = [...line]
  return characters.length <= width ? line : `${characters.slice(0, Math.max(1, width - 1)).join('')}…`
}

/** A text whose lines stay, and in which every character that hides or reorders is written out: `<U+202E>`. */
export function spelledOut(text: string): string {
  const lines = text.replace(/\t/g, '    ')
  return lines.replace(deceiving, char =>
    char === '\n' ? char : `<U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}>`,
  )
}
