// Puts a screen onto the terminal: the rows that changed, and no others.

import { Chalk, type ColorSupportLevel } from 'chalk'
import type { Row, Style } from './row.ts'
import type { Screen } from './view.ts'

export interface Painter {
  /** What to write so that the terminal shows this screen. Empty when it does already. */
  paint(screen: Screen): string
  /** Forgets what is shown: everything is painted next time. */
  forget(): void
}

/** A painter for a screen that is cleared at first. Level 0 shows no colour at all. */
export function painterOf(level: ColorSupportLevel): Painter {
  const style = stylesOf(level)
  let shown: string[] = []
  let cursorShown = ''

  function paint({ rows, cursor }: Screen): string {
    const texts = rows.map(row => textOf(row, style))
    const changed = texts.flatMap((text, row) => (text === shown[row] ? [] : [`${place(row, 0)}${eraseLine}${text}`]))
    const at = cursor ? `${place(cursor.row, cursor.column)}${showCursor}` : hideCursor
    if (changed.length === 0 && at === cursorShown) return ''
    shown = texts
    cursorShown = at
    return `${beginFrame}${hideCursor}${changed.join('')}${at}${endFrame}`
  }

  const forget = () => {
    shown = []
    cursorShown = ''
  }
  return { paint, forget }
}

const place = (row: number, column: number) => `\x1b[${row + 1};${column + 1}H`
/** Before the text: in the last column a terminal would erase what was just written there. */
const eraseLine = '\x1b[2K'
const showCursor = '\x1b[?25h'
const hideCursor = '\x1b[?25l'
/** Terminals that know of it show a frame only when it is whole. */
const beginFrame = '\x1b[?2026h'
const endFrame = '\x1b[?2026l'

const textOf = (row: Row, style: Record<Style, (text: string) => string>) =>
  row.map(({ text, style: name }) => style[name](text)).join('')

function stylesOf(level: ColorSupportLevel): Record<Style, (text: string) => string> {
  const chalk = new Chalk({ level })
  return {
    plain: text => text,
    bold: chalk.bold,
    italic: chalk.italic,
    dim: chalk.dim,
    code: chalk.cyan,
    heading: chalk.bold.underline,
    accent: chalk.yellow,
    good: chalk.green,
    bad: chalk.red,
    chosen: chalk.inverse,
  }
}
