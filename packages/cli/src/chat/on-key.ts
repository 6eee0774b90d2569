// What a key makes of the state: it goes to the list of sessions, to the approval, or to the line that is written.

import type { Decision, Scope } from '@spoq/contracts/session'
import { command } from './command.ts'
import { edit, editorWith, empty, insert, isEdit, vertical } from './editor.ts'
import type { Key } from './keys.ts'
import { onPickerKey } from './on-picker-key.ts'
import { scrollBy, scrollToEnd, scrollToStart } from './scroll.ts'
import type { Approval, State } from './state.ts'
import { act, isBusy, type Step, say } from './step.ts'

/** Takes one key in. */
export function onKey(before: State, key: Key): Step {
  if (key.name === 'interrupt') return interrupt(before)
  const state = before.leaving ? { ...before, leaving: false } : before
  if (key.name === 'suspend') return act(state, { do: 'suspend' })
  if (key.name === 'redraw') return act(state, { do: 'redraw' })
  if (state.picker) return onPickerKey(state, state.picker, key)
  return onApprovalKey(state, key) ?? onScrollKey(state, key) ?? onWritingKey(state, key)
}

function interrupt(state: State): Step {
  if (state.leaving) return act(state, { do: 'leave' })
  if (state.picker) return act({ ...state, picker: null })
  if (isBusy(state)) {
    const stopping = { ...state, stopping: true, leaving: true }
    return act(say(stopping, 'Stopping the turn. Ctrl-C again leaves.', 'quiet'), { do: 'abort' })
  }
  if (state.editor.text !== '') return act({ ...state, editor: empty })
  return act(say({ ...state, leaving: true }, 'Ctrl-C again leaves.', 'quiet'))
}

const answers: Record<string, { decision: Decision; scope: Scope }> = {
  y: { decision: 'allow', scope: 'once' },
  s: { decision: 'allow', scope: 'session' },
  p: { decision: 'allow', scope: 'project' },
  a: { decision: 'allow', scope: 'always' },
  n: { decision: 'deny', scope: 'once' },
}

/** Whoever was just writing shall not answer with a key that was meant for the line. */
const settlingMs = 500

/** An approval takes keys while nothing is being written. */
export const takesKeys = ({ editor, approvals }: State): Approval | undefined =>
  editor.text === '' ? approvals[0] : undefined

function onApprovalKey(state: State, key: Key): Step | null {
  const approval = takesKeys(state)
  const letter = key.name === 'escape' ? 'n' : key.name === 'text' ? key.text.toLowerCase() : ''
  const answer = answers[letter]
  if (!approval || !answer) return null
  if (approval.answering || state.now - approval.since < settlingMs) return act(state)
  if (answer.scope !== 'once' && approval.rule === '') return act(say(state, 'This is asked every time.', 'quiet'))
  const approvals = state.approvals.map(one => (one === approval ? { ...one, answering: true } : one))
  return act({ ...state, approvals }, { do: 'answer', approval: approval.approval, ...answer })
}

function onScrollKey(state: State, { name }: Key): Step | null {
  const page = Math.max(1, Math.floor(state.size.rows / 2))
  switch (name) {
    case 'pageUp':
      return act(scrollBy(state, -page))
    case 'pageDown':
      return act(scrollBy(state, page))
    case 'lineUp':
      return act(scrollBy(state, -1))
    case 'lineDown':
      return act(scrollBy(state, 1))
    case 'top':
      return act(scrollToStart(state))
    case 'bottom':
      return act(scrollToEnd(state))
    default:
      return null
  }
}

function onWritingKey(state: State, key: Key): Step {
  const { editor } = state
  if (key.name === 'text') return act({ ...state, editor: insert(editor, key.text) })
  if (key.name === 'newline') return act({ ...state, editor: insert(editor, '\n') })
  if (key.name === 'enter') return enter(state)
  if (key.name === 'up' || key.name === 'down') return act(upOrDown(state, key.name === 'up' ? -1 : 1))
  if (key.name === 'endOfInput')
    return editor.text === '' ? act(state, { do: 'leave' }) : act({ ...state, editor: edit(editor, 'delete') })
  if (key.name === 'escape') return act(scrollToEnd(state))
  return isEdit(key.name) ? act({ ...state, editor: edit(editor, key.name) }) : act(state)
}

/** Sends what is written. A backslash before the cursor makes it a new line. */
function enter(state: State): Step {
  const { editor } = state
  if (editor.text[editor.at - 1] === '\\') return act({ ...state, editor: insert(edit(editor, 'backspace'), '\n') })
  const text = editor.text.trim()
  if (text === '') return act(state)
  const kept = { ...remembered(state, text), editor: empty, scroll: null }
  return text.startsWith('/') && !text.includes('\n') && !/^\/\S*\//.test(text) ? command(kept, text) : send(kept, text)
}

function send(state: State, text: string): Step {
  const { nextId: id, model, mode, newMode } = state
  const sending = [...state.sending, { id, text }]
  return act(
    { ...state, nextId: id + 1, sending, newMode: false },
    { do: 'ask', id, text, model, mode: newMode ? mode : null },
  )
}

function remembered(state: State, text: string): State {
  const { past } = state.history
  return { ...state, history: { past: past.at(-1) === text ? past : [...past, text], at: null, draft: '' } }
}

/** Within a text of several lines the cursor moves; beyond its first and last line are the questions of before. */
function upOrDown(state: State, by: -1 | 1): State {
  const { editor, history } = state
  const moved = vertical(editor, by)
  if (moved) return { ...state, editor: moved }
  const { past, at } = history
  if (by > 0 && at === null) return state
  const next = (at ?? past.length) + by
  if (next < 0) return state
  const draft = at === null ? editor.text : history.draft
  if (next >= past.length) return { ...state, editor: editorWith(draft), history: { past, at: null, draft: '' } }
  return { ...state, editor: editorWith(past[next] ?? ''), history: { past, at: next, draft } }
}
