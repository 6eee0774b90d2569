// Lines for small screens: a phone's has 40 columns.

import { stripVTControlCharacters } from 'node:util'

/** Lines of at most so many characters, broken between words where that is possible. Colours count for nothing. */
export function wrapped(text: string, width: number): string[] {
  return text.split('\n').flatMap(line => wrappedLine(line, Math.max(1, width)))
}

function wrappedLine(line: string, width: number): string[] {
  const lines: string[] = []
  let current = ''
  for (const word of line.split(' ')) {
    const longer = current === '' && lines.length === 0 ? word : `${current} ${word}`
    if (lengthOf(longer) <= width || (current === '' && lengthOf(word) > width && isStyled(word))) current = longer
    else {
      if (current !== '') lines.push(current)
      const pieces = isStyled(word) ? [word] : piecesOf(word, width)
      lines.push(...pieces.slice(0, -1))
      current = pieces.at(-1) ?? ''
    }
  }
  return [...lines, current]
}

const lengthOf = (text: string) => [...stripVTControlCharacters(text)].length
const isStyled = (text: string) => stripVTControlCharacters(text) !== text

function piecesOf(word: string, width: number): string[] {
  const characters = [...word]
  const count = Math.max(1, Math.ceil(characters.length / width))
  return Array.from({ length: count }, (_, at) => characters.slice(at * width, (at + 1) * width).join(''))
}

/** A terminal that is as wide breaks lines well enough by itself, and what is copied from it stays whole. */
const wideEnough = 60

/**
 * Breaks a text between words as it comes, for a terminal of so many columns: of an unfinished word is nothing shown yet. Text in,
 * text to be shown out; `rest` is what was held back.
 */
export function wrappedAsItComes(columns: number): { take: (piece: string) => string; rest: () => string } {
  let [at, held] = [0, '']
  if (columns >= wideEnough || columns < 1) return { take: piece => piece, rest: () => '' }

  function put(word: string): string {
    const length = [...word].length
    // What is longer than a line, such as an address, is the terminal's to break.
    const breaks = at > 0 && at + length > columns && length <= columns
    const end = breaks ? length : at + length
    at = end > columns ? end % columns || columns : end
    return breaks ? `\n${word}` : word
  }
  function flush(): string {
    const word = held
    held = ''
    return put(word)
  }

  function take(piece: string): string {
    let shown = ''
    for (const character of piece) {
      if (character !== ' ' && character !== '\n') {
        held += character
        // Some scripts have no spaces.
        if (held.length > columns) shown += flush()
        continue
      }
      shown += flush()
      if (character === '\n') [shown, at] = [`${shown}\n`, 0]
      else if (at < columns) [shown, at] = [`${shown} `, at + 1]
      // A space that ends a full line would begin the next.
      else [shown, at] = [`${shown}\n`, 0]
    }
    return shown
  }

  return { take, rest: flush }
}
