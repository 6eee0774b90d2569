import { SpoqError } from '@spoq/contracts/problem'
import type { EventBody, SessionEvent } from '@spoq/contracts/session'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Message } from './reduce.ts'
import {
  after,
  asksFor,
  done,
  events,
  log,
  press,
  queued,
  said,
  shown,
  started,
  transcriptText,
  typed,
} from './testing.ts'

const words = (text: string) => text.match(/w\d+/g) ?? []

/** A log of turns, each with texts and tool calls, whose words are numbered through; questions may come in between. */
const logs = fc
  .array(fc.array(fc.constantFrom('text', 'line', 'tool', 'queue'), { maxLength: 8 }), { minLength: 1, maxLength: 4 })
  .map(turns => {
    const bodies: (EventBody & { turn?: string })[] = []
    let word = 0
    turns.forEach((steps, index) => {
      const turn = `turn_${index}`
      bodies.push(queued('?', turn), started(turn))
      steps.forEach((step, number) => {
        const call = `${turn}_${number}`
        if (step === 'text') bodies.push(said(`w${word++} `, turn))
        if (step === 'line') bodies.push(said(`w${word++}\nw${word++}`, turn))
        if (step === 'queue') bodies.push(queued('later', `later_${call}`))
        if (step === 'tool')
          bodies.push(
            { type: 'tool.call', call, tool: 'read', input: {}, title: `w${word++}`, turn },
            { type: 'tool.result', call, output: '', failed: false, turn },
          )
      })
      bodies.push(done(turn))
    })
    return log(bodies)
  })

/** Delivers a log over connections that break: each begins some events before where the last one ended. */
function delivered(all: readonly SessionEvent[], cuts: readonly { more: number; back: number }[]): SessionEvent[] {
  const sent: SessionEvent[] = []
  let at = 0
  for (const { more, back } of cuts) {
    const from = Math.max(0, at - back)
    sent.push(...all.slice(from, at + more))
    at = Math.min(all.length, at + more)
  }
  return [...sent, ...all.slice(Math.max(0, at - 3))]
}

// Without the check of the event's id words come twice; with a transcript that an older state may grow they change places.
test('however often the connection breaks, whatever is typed meanwhile: every word once and in order', () => {
  const cuts = fc.array(fc.record({ more: fc.nat(12), back: fc.nat(12) }), { maxLength: 8 })
  const keys = fc.array(fc.constantFrom('x', 'left', 'up', 'pageUp', 'pageDown', 'backspace', 'newline'), {
    maxLength: 40,
  })
  fc.assert(
    fc.property(logs, cuts, keys, (all, broken, pressed) => {
      const messages: Message[] = delivered(all, broken).flatMap((event, index) => {
        const key = pressed[index]
        const keyed = key === undefined ? [] : key === 'x' ? typed('x') : press(key as 'left')
        return [...keyed, { type: 'event' as const, event }]
      })
      const straight = after(shown(), events(all)).state
      const state = after(shown(), messages).state
      expect(transcriptText(state)).toBe(transcriptText(straight))
      const told = all.flatMap(event =>
        event.type === 'text.delta' ? words(event.text) : event.type === 'tool.call' ? [event.title] : [],
      )
      expect(words(transcriptText(state))).toEqual(told)
      expect(state.spent).toEqual(straight.spent)
    }),
  )
})

test('a state that was left stays as it was, whatever became of it', () => {
  const all = log([queued('?'), started(), said('one\ntwo\n'), said('three\nfour\n'), done()])
  const middle = after(shown(), events(all.slice(0, 3))).state
  const before = transcriptText(middle)
  after(middle, events(all))
  after(middle, typed('/help').concat(press('enter')))
  expect(transcriptText(middle)).toBe(before)
})

test('a question behind a running turn waits below, and stands in the transcript where its answer begins', () => {
  const all = log([
    queued('a', 't1'),
    started('t1'),
    said('one ', 't1'),
    queued('b', 't2'),
    said('two', 't1'),
    done('t1'),
  ])
  const waiting = after(shown(), events(all)).state
  expect(waiting.queued).toMatchObject([{ question: 'b' }])
  expect(transcriptText(waiting)).toContain('one two')
  expect(transcriptText(waiting)).not.toContain('\nb\n')
  const more = log([...all, started('t2')] as never).slice(-1)
  const begun = after(waiting, events(more)).state
  expect(begun.queued).toEqual([])
  expect(transcriptText(begun)).toMatch(/tokens.*\nb\n/)
})

test('Enter sends what is written, once; its event, its acceptance, in either order, leave nothing on its way', () => {
  const { state, effects } = after(shown(), [...typed('why?'), ...press('enter', 'enter')])
  expect(effects).toEqual([{ do: 'ask', id: 1, text: 'why?', model: null, mode: null }])
  expect(state.editor.text).toBe('')
  const accepted: Message = { type: 'accepted', id: 1 }
  const event = events(log([queued('why?')]))
  for (const order of [
    [accepted, ...event],
    [...event, accepted],
  ]) {
    const settled = after(state, order).state
    expect([settled.sending, settled.queued.length]).toEqual([[], 1])
  }
})

test('what did not arrive is written again, unless something else is being written', () => {
  const error = new SpoqError('machine_unreachable')
  const sent = after(shown(), [...typed('why?'), ...press('enter')]).state
  const refused: Message = { type: 'refused', id: 1, text: 'why?', error }
  expect(after(sent, [refused]).state).toMatchObject({ sending: [], editor: { text: 'why?' } })
  expect(after(sent, [...typed('and'), refused]).state.editor.text).toBe('and')
})

test('a mode goes with the next question alone, and with the first of a new session', () => {
  const { effects } = after(shown(), [
    ...typed('/mode plan'),
    ...press('enter'),
    ...typed('a'),
    ...press('enter'),
    ...typed('b'),
    ...press('enter'),
    { type: 'renewed' },
    ...typed('c'),
    ...press('enter'),
  ])
  expect(effects.map(effect => (effect.do === 'ask' ? effect.mode : effect.do))).toEqual(['plan', null, 'plan'])
})

const asked = (more = {}) => after(shown(), events(log([queued('?'), started(), asksFor('run: ls', more)]))).state

test.each([
  ['y', 'allow', 'once'],
  ['s', 'allow', 'session'],
  ['p', 'allow', 'project'],
  ['a', 'allow', 'always'],
  ['n', 'deny', 'once'],
])('%s answers an approval: %s, %s; pressed twice it answers once', (key, decision, scope) => {
  const { effects } = after(asked({ rule: 'run(ls *)' }), typed(key + key))
  expect(effects).toEqual([{ do: 'answer', approval: 'appr_1', decision, scope }])
})

test('what is asked every time takes no answer for longer', () => {
  expect(after(asked(), typed('s')).effects).toEqual([])
})

test('letters of a line that is being written answer nothing, nor does a key in the moment an approval comes up', () => {
  const all = log([queued('?'), started(), asksFor('run: ls')])
  expect(after(shown(), [...typed('hurra'), ...events(all), ...typed('y')]).effects).toEqual([])
  const moment = { ...asked(), now: 3_000 - 1_000 }
  const fast = after(
    { ...moment, approvals: moment.approvals.map(one => ({ ...one, since: moment.now + 900 })) },
    typed('y'),
  )
  expect(fast.effects).toEqual([])
  expect(after(asked(), [{ type: 'paste', text: 'y' }]).effects).toEqual([])
})

test('an approval answered on another device goes away with a line who answered; our own late answer is told so', () => {
  const answered = log([queued('?'), started(), asksFor('run: ls')]).length + 1
  const event = {
    ...log([{ type: 'approval.answered', approval: 'appr_1', decision: 'deny', by: 'account:bob' }])[0],
    id: answered,
  }
  const elsewhere = after(asked(), events([event as SessionEvent])).state
  expect(elsewhere.approvals).toEqual([])
  expect(transcriptText(elsewhere)).toContain('Denied by account bob: run: ls')
  const error = new SpoqError('approval_answered')
  const late = after(asked(), [...typed('y'), { type: 'answer-failed', approval: 'appr_1', error }]).state
  expect(late.approvals).toEqual([])
  expect(transcriptText(late)).toContain('Your answer came too late')
})

test('Ctrl-C stops the turn and says so, twice leaves; another key in between leaves not', () => {
  const running = after(shown(), events(log([queued('?'), started()]))).state
  const once = after(running, press('interrupt'))
  expect(once.effects).toEqual([{ do: 'abort' }])
  expect(transcriptText(once.state)).toContain('Stopping the turn')
  expect(after(once.state, press('interrupt')).effects).toEqual([{ do: 'leave' }])
  expect(after(once.state, [...typed('x'), ...press('interrupt')]).effects).toEqual([{ do: 'abort' }])
})

test('Ctrl-D leaves on an empty line and stops nothing; on a line it deletes', () => {
  const running = after(shown(), events(log([queued('?'), started()]))).state
  expect(after(running, press('endOfInput')).effects).toEqual([{ do: 'leave' }])
  const { state, effects } = after(running, [...typed('ab'), ...press('home', 'endOfInput')])
  expect([state.editor.text, effects]).toEqual(['b', []])
})

test('up and down go through what was asked and come back to what was being written', () => {
  const past = [...typed('one'), ...press('enter'), ...typed('two'), ...press('enter'), ...typed('dra')]
  const at = (...keys: ('up' | 'down')[]) => after(shown(), [...past, ...press(...keys)]).state.editor.text
  expect([at('up'), at('up', 'up'), at('up', 'up', 'up'), at('up', 'down'), at('down')]).toEqual([
    'two',
    'one',
    'one',
    'dra',
    'dra',
  ])
})

test('a backslash before Enter begins a new line; a path at the beginning is a question, no command', () => {
  expect(after(shown(), [...typed('a\\'), ...press('enter'), ...typed('b')]).state.editor.text).toBe('a\nb')
  expect(after(shown(), [...typed('/etc/hosts what?'), ...press('enter')]).effects).toMatchObject([{ do: 'ask' }])
})

test.each([
  ['/sessions', [{ do: 'list' }]],
  ['/new', [{ do: 'new' }]],
  ['/undo', [{ do: 'undo' }]],
  ['/model', [{ do: 'show-model' }]],
  ['/quit', [{ do: 'leave' }]],
  ['/nonsense', []],
  ['/mode sideways', []],
])('%s', (line, effects) => {
  const ran = after(shown(), [...typed(line), ...press('enter')])
  expect(ran.effects).toEqual(effects)
  if (effects.length === 0) expect(transcriptText(ran.state)).toContain('There is no')
})

test('another session begins with nothing of the one before, and its late events change nothing', () => {
  const one = after(shown(), events(log([queued('?'), started(), said('old')]))).state
  const two = after(one, [{ type: 'opened', session: { id: 'sess_2', mode: 'full' }, keep: false }]).state
  const late = after(two, events(log([queued('?'), started(), said('late')]))).state
  expect(late).toMatchObject({ session: 'sess_2', mode: 'full', lastEvent: 0, turn: null })
  expect(transcriptText(late)).toBe('')
})
