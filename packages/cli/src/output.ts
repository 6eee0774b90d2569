// How results look on a terminal. Colours obey NO_COLOR and where the stream leads.

import { stripVTControlCharacters } from 'node:util'
import { Chalk, type ColorName, type ModifierName } from 'chalk'
import { colorLevel } from './render/color-level.ts'
import { wrapped } from './render/wrap.ts'

type Style = ColorName | ModifierName

/** A text in a style, where stdout can show one. */
export const styled = (style: Style, text: string) => new Chalk({ level: colorLevel('stdout', true) })[style](text)

/** Lines with their columns under each other, the first line in bold. Where they do not fit each row is a list of its own. */
export function table(head: string[], rows: string[][]): string {
  const all = [head, ...rows]
  const columns = columnsOf(process.stdout)
  const widths = head.map((_, column) => Math.max(...all.map(row => width(row[column]))))
  const line = (row: string[]) =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - width(cell)))
      .join('  ')
      .trimEnd()
  if (rows.length > 0 && widths.reduce((sum, one) => sum + one + 2, -2) > columns)
    return rows.map(row => listing(Object.fromEntries(head.map((name, at) => [name, row[at]])))).join('\n\n')
  return [styled('bold', line(head)), ...rows.map(line)].join('\n')
}

/** One value a line, its name before it; on a small screen a value goes on below. */
export function listing(values: Record<string, string | null | undefined>): string {
  const shown = Object.entries(values).filter((entry): entry is [string, string] => Boolean(entry[1]))
  const longest = Math.max(...shown.map(([name]) => name.length))
  const room = Math.max(16, columnsOf(process.stdout) - longest - 2)
  const lines = (value: string) => wrapped(value, room).join(`\n${' '.repeat(longest + 2)}`)
  return shown.map(([name, value]) => `${styled('dim', name.padEnd(longest))}  ${lines(value)}`).join('\n')
}

/** How long ago, in the largest unit that fits: `3 h ago`. */
export function ago(instant: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(instant)) / 1000))
  const [count, unit] =
    seconds < 60
      ? [seconds, 's']
      : seconds < 3600
        ? [Math.floor(seconds / 60), 'min']
        : seconds < 86_400
          ? [Math.floor(seconds / 3600), 'h']
          : [Math.floor(seconds / 86_400), 'd']
  return `${count} ${unit} ago`
}

/** Without bound where it is no terminal, or one that does not say. */
const columnsOf = ({ isTTY, columns }: { isTTY?: boolean; columns?: number }) =>
  (isTTY && columns) || Number.POSITIVE_INFINITY

const width = (text = '') => stripVTControlCharacters(text).length
