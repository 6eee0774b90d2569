// What an event of the session makes of the state.

import type { SessionEvent } from '@spoq/contracts/session'
import type { State } from './state.ts'
import { addText, changeTool, closed, put, stopTools, type Tone } from './transcript.ts'

/** Takes one event in. One that was taken in before, or is of another session, changes nothing. */
export function onEvent(state: State, event: SessionEvent): State {
  if (event.session !== state.session || event.id <= state.lastEvent) return state
  return { ...taken(state, event), lastEvent: event.id }
}

function taken(state: State, event: SessionEvent): State {
  const { transcript } = state
  switch (event.type) {
    case 'turn.queued':
      return queue(state, event)
    case 'turn.started':
      return begin(state, event)
    case 'instructions.read':
      return { ...state, transcript: event.notes.reduce((next, text) => note(next, text, 'quiet'), transcript) }
    case 'context.compacted':
      return { ...state, transcript: note(transcript, 'earlier turns were summarised', 'quiet') }
    case 'text.delta':
      return { ...state, transcript: addText(transcript, event.text) }
    case 'tool.call': {
      const { call, title } = event
      return { ...state, transcript: put(transcript, { kind: 'tool', call, title, state: 'running', output: '' }) }
    }
    case 'tool.result': {
      const done = event.failed ? 'failed' : 'done'
      return { ...state, transcript: changeTool(transcript, event.call, done, event.output) }
    }
    case 'approval.requested':
      return request(state, event)
    case 'approval.answered':
      return answered(state, event)
    case 'edits.undone':
      return undone(state, event)
    case 'turn.done':
      return done(state, event)
    case 'turn.error':
      return end(state, event.turn, `${event.message} ${event.next}`, 'bad')
    case 'turn.aborted':
      return end(state, event.turn, `Stopped by ${whoIs(event.by)}.`, 'quiet')
    default:
      return state
  }
}

type Of<Type extends SessionEvent['type']> = SessionEvent & { type: Type }

function queue(state: State, { turn, question, attachments }: Of<'turn.queued'>): State {
  // The answer to our own question may come after its first event: it shall not stand there twice meanwhile.
  const own = state.sending.findIndex(({ text }) => text === question)
  const sending = own < 0 ? state.sending : state.sending.toSpliced(own, 1)
  return { ...state, sending, queued: [...state.queued, { turn, question, attachments }] }
}

/** The question goes into the transcript where its answer begins. */
function begin(state: State, { turn, model }: Of<'turn.started'>): State {
  const asked = moveQuestion(state, turn)
  const demo = model === 'demo'
  return {
    ...asked,
    transcript: demo ? note(asked.transcript, 'demo model: scripted, not AI', 'quiet') : asked.transcript,
    turn: { id: turn, model, since: state.now },
    answeredBy: model,
  }
}

function moveQuestion(state: State, turn: string): State {
  const found = state.queued.find(one => one.turn === turn)
  if (!found) return state
  const { question: text, attachments } = found
  return {
    ...state,
    queued: state.queued.filter(one => one !== found),
    transcript: put(state.transcript, { kind: 'question', text, attachments }),
  }
}

/** One that may not fit a small screen. */
const longTitle = 200

function request(state: State, event: Of<'approval.requested'>): State {
  const { approval, call, tool, title, reason, rule, diff } = event
  const waiting = changeTool(state.transcript, call, 'waiting')
  // What the question has no room for can be looked at above it.
  const whole = diff ?? (title.length > longTitle ? title : null)
  return {
    ...state,
    transcript: whole === null ? waiting : put(waiting, { kind: 'diff', text: whole }),
    approvals: [
      ...state.approvals,
      { approval, call, tool, title, reason, rule, diff, since: state.now, answering: false },
    ],
  }
}

function answered(state: State, { approval, decision, by, scope = 'once' }: Of<'approval.answered'>): State {
  const found = state.approvals.find(one => one.approval === approval)
  const verb = decision === 'allow' ? 'Allowed' : 'Denied'
  const length = scope === 'once' ? '' : ` (${scope})`
  const who = found?.answering ? '' : ` by ${whoIs(by)}`
  const text = `${verb}${who}${length}: ${found?.title ?? 'an approval'}`
  const transcript = found
    ? changeTool(state.transcript, found.call, decision === 'allow' ? 'running' : 'failed')
    : state.transcript
  return {
    ...state,
    transcript: note(transcript, text, decision === 'allow' ? 'good' : 'bad'),
    approvals: state.approvals.filter(one => one !== found),
  }
}

function undone(state: State, { by, done, skipped }: Of<'edits.undone'>): State {
  const lines = [
    `Undone by ${whoIs(by)}:`,
    ...done.map(({ path, change }) => `  ${change} ${path}`),
    ...skipped.map(({ path, reason }) => `  left ${path}: ${reason}`),
  ]
  return { ...state, transcript: lines.reduce((next, text) => note(next, text, 'quiet'), state.transcript) }
}

function done(state: State, { turn, usage, costMicros }: Of<'turn.done'>): State {
  const { spent } = state
  const counted = {
    ...state,
    spent: {
      inputTokens: spent.inputTokens + usage.inputTokens,
      outputTokens: spent.outputTokens + usage.outputTokens,
      costMicros: spent.costMicros + (costMicros ?? 0),
    },
  }
  const cost = costMicros === null ? '' : ` · ${dollars(costMicros)}`
  return end(counted, turn, `${count(usage.inputTokens)} + ${count(usage.outputTokens)} tokens${cost}`, 'quiet')
}

/** A turn that ends before it began has its question in the transcript all the same. */
function end(state: State, turn: string, text: string, tone: Tone): State {
  const wasRunning = state.turn?.id === turn
  const asked = wasRunning ? state : moveQuestion(state, turn)
  if (!wasRunning && state.turn) return { ...asked, transcript: note(asked.transcript, text, tone) }
  return {
    ...asked,
    transcript: note(stopTools(closed(asked.transcript)), text, tone),
    turn: null,
    approvals: [],
    stopping: false,
  }
}

const note = (transcript: State['transcript'], text: string, tone: Tone) =>
  put(transcript, { kind: 'note', text, tone })

export const count = (tokens: number) => tokens.toLocaleString('en-US')
export const dollars = (micros: number) => `$${(micros / 1e6).toFixed(4)}`

/** `local` is whoever sits at the machine itself. */
export const whoIs = (by: string) => by.replace(/^account:/, 'account ').replace(/^local$/, 'the machine itself')
