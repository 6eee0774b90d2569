import { randomInt } from 'node:crypto'
import { words } from './words.ts'

/** Three words, 36 bits: `BLUE-FISH-TREE`. */
export function newUserCode(random: (below: number) => number = randomInt): string {
  return Array.from({ length: 3 }, () => words[random(words.length)]?.toUpperCase()).join('-')
}

/** The one spelling of a code that was typed, read aloud or pasted: `blue fish  tree` is `BLUE-FISH-TREE`. */
export function normalizeUserCode(typed: string): string {
  return (typed.toUpperCase().match(/[A-Z]+/g) ?? []).join('-')
}
