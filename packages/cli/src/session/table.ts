// How sessions look on a terminal.

import type { Session, SessionMatch } from '@spoq/contracts/session'
import { ago, styled, table } from '../output.ts'
import { cut, oneLine } from '../render/visible.ts'
import { shortIds } from '../short-id.ts'

interface Shown {
  machine: string
  now: number
  /** Of the terminal; undefined where nothing is cut. */
  columns: number | undefined
}

const colours = { idle: 'dim', running: 'green', waiting: 'yellow' } as const satisfies Record<Session['state'], string>
/** Below this many columns the title stands on a line of its own. */
const narrow = 72

/** A line a session; two on a narrow terminal. */
export function sessionTable(sessions: readonly Session[], { machine, now, columns }: Shown): string {
  const ids = shortIds(sessions.map(({ id }) => id))
  const head = ['ID', 'STATE', 'USED', 'MACHINE']
  const row = ({ id, state, updatedAt }: Session) => [
    ids.get(id) ?? id,
    styled(colours[state], state),
    ago(updatedAt, now),
    machine,
  ]
  if (columns === undefined || columns >= narrow) {
    const title = ({ title }: Session) => (columns === undefined ? oneLine(title) : cut(title, columns - 50))
    return table(
      [...head, 'TITLE'],
      sessions.map(session => [...row(session), title(session)]),
    )
  }
  const [first = '', ...lines] = table(head, sessions.map(row)).split('\n')
  return [first, ...lines.flatMap((line, index) => [line, `  ${cut(sessions[index]?.title ?? '', columns - 2)}`])].join(
    '\n',
  )
}

/** Where words were found: the session on one line, the place on the next. */
export function matchLines(matches: readonly SessionMatch[], now: number): string {
  const ids = shortIds([...new Set(matches.map(({ session }) => session))])
  return matches
    .map(({ session, title, part, at, snippet }) => {
      const head = `${styled('bold', ids.get(session) ?? session)}  ${oneLine(title)}`
      const place = snippet.map(({ text, matches }) => {
        const shown = text.replace(/\s+/g, ' ').replace(/\p{Cc}/gu, '')
        return matches ? styled('yellow', shown) : shown
      })
      return `${head}\n  ${styled('dim', `${part}, ${ago(at, now)}:`)} ${place.join('').trim()}`
    })
    .join('\n')
}
