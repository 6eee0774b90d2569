import type { Key } from './keys.ts'
import type { State } from './state.ts'
import type { Step } from './step.ts'

/** A key in the list of sessions: up and down choose, Enter opens, Escape goes back. */
export function onPickerKey(state: State, picker: NonNullable<State['picker']>, key: Key): Step {
  const { sessions, chosen } = picker
  const move = (by: number): Step => ({
    state: { ...state, picker: { sessions, chosen: Math.min(sessions.length - 1, Math.max(0, chosen + by)) } },
    effects: [],
  })
  const closed = { ...state, picker: null }
  switch (key.name) {
    case 'up':
      return move(-1)
    case 'down':
      return move(1)
    case 'pageUp':
      return move(-10)
    case 'pageDown':
      return move(10)
    case 'escape':
    case 'endOfInput':
      return { state: closed, effects: [] }
    case 'enter': {
      const session = sessions[chosen]
      return { state: closed, effects: session ? [{ do: 'open', session: session.id }] : [] }
    }
    default:
      return { state, effects: [] }
  }
}
