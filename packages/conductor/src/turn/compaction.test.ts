import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cutsIn, headOf, mostQuestionBytes, oldestFitting } from './compaction.ts'
import type { TurnBody, TurnEvent } from './event.ts'
import { callsOf, messagesOf } from './messages.ts'

const usage = { inputTokens: 0, outputTokens: 0 }
const queued = (question: string): TurnBody => ({
  ...{ type: 'turn.queued', question, model: null, client: null, approve: [], mode: 'ask' },
  attachments: [{ name: 'a', text: `attached to ${question}` }],
})
const compacted = (upTo: number, summary: string): TurnBody => ({
  ...{ type: 'context.compacted', upTo, summary, usage, tokensBefore: 0, tokensAfter: 0, model: 'm', costMicros: null },
})
const said = (text: string, calls: readonly string[]): TurnBody => ({
  type: 'step.done',
  usage,
  messages: [
    {
      role: 'assistant',
      content: [
        { type: 'text', text },
        ...calls.map(toolCallId => ({ type: 'tool-call' as const, toolCallId, toolName: 'run', input: {} })),
      ],
    },
  ],
})

type Event = [turn: string, body: TurnBody]

/** Everything a session's log can hold, in an order that it can have: one turn runs at a time, questions come anytime. */
const histories = fc
  .array(
    fc.record({
      steps: fc.array(fc.nat(3), { maxLength: 4 }),
      /** Results of the last step that are missing when it ends. */
      missing: fc.nat(2),
      half: fc.boolean(),
      end: fc.constantFrom('turn.done', 'turn.error', 'turn.aborted', 'open'),
      early: fc.boolean(),
      /** Another question that is given up: while it answers, or between two results. */
      givenUp: fc.constantFrom('never', 'answering', 'calling'),
      undone: fc.boolean(),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map(turns => {
    const events: Event[] = []
    const asked = new Set<number>()
    const ask = (t: number) => {
      if (t < turns.length && !asked.has(t)) events.push([`${t}`, queued(`question ${t}`)])
      asked.add(t)
    }
    turns.forEach(({ steps, missing, half, end, early, givenUp, undone }, t) => {
      ask(t)
      events.push([`${t}`, { type: 'turn.started', model: 'm' }])
      steps.forEach((count, s) => {
        // Every step but the last calls something: a turn without calls has ended.
        const calls = Array.from({ length: s < steps.length - 1 ? count + 1 : count }, (_, c) => `${t}.${s}.${c}`)
        events.push([`${t}`, { type: 'text.delta', text: `text ${t}.${s}` }])
        const giveUp = () =>
          events.push([`not ${t}.${s}`, queued('never')], [`not ${t}.${s}`, { type: 'turn.aborted', by: 'alice' }])
        if (givenUp === 'answering') giveUp()
        events.push([`${t}`, said(`text ${t}.${s}`, calls)])
        if (early) ask(t + 1)
        const answered = s === steps.length - 1 ? calls.slice(0, Math.max(0, calls.length - missing)) : calls
        answered.forEach((call, index) => {
          if (givenUp === 'calling' && index === 1) giveUp()
          events.push([`${t}`, { type: 'tool.result', call, output: `of ${call}`, failed: false }])
        })
      })
      if (half) events.push([`${t}`, { type: 'text.delta', text: `half ${t}` }])
      if (undone && t > 0)
        events.push([
          `${t - 1}`,
          { type: 'edits.undone', by: 'alice', done: [{ path: 'a', change: 'restored' }], skipped: [] },
        ])
      const isLast = t === turns.length - 1
      const ends = isLast ? end : end === 'open' ? 'turn.aborted' : end
      if (ends === 'turn.done') events.push([`${t}`, { type: ends, model: 'm', usage, costMicros: null }])
      if (ends === 'turn.error') events.push([`${t}`, { type: ends, code: 'model_cut', message: '', next: '' }])
      if (ends === 'turn.aborted') events.push([`${t}`, { type: ends, by: 'alice' }])
    })
    return events
  })

const log = (events: readonly Event[]): TurnEvent[] =>
  events.map(([turn, body], index) => ({ id: index + 1, at: '', turn, body }))

/** Appends a compaction behind one of the places where the conversation may be cut. */
function cut(events: TurnEvent[], pick: number, summary: string): { events: TurnEvent[]; upTo: number } | null {
  const cuts = cutsIn(events)
  if (cuts.length === 0) return null
  const upTo = cuts[pick % cuts.length] as number
  const body = compacted(upTo, summary)
  return { upTo, events: [...events, { id: events.length + 1, at: '', turn: events.at(-1)?.turn ?? '', body }] }
}

// Catches: a cut between a call and its result (an orphan on either side), between two calls of one step, in half an
// answer, at a queued question; a result of an older step given again; a head that stands beside the person's next words.
test('wherever a conversation is cut, each result stands behind its call and none alone, and the person begins', () => {
  fc.assert(
    fc.property(histories, fc.nat(), fc.nat(), (history, pick, another) => {
      const once = cut(log(history), pick, 'SUMMARY')
      const twice = once && cut(once.events, another, 'SECOND')
      for (const { events } of [once, twice].filter(one => one !== null)) {
        const messages = messagesOf(events)
        expect(messages[0]?.role).toBe('user')
        if (messages[1]?.role === 'user') expect(String(messages[0]?.content)).not.toMatch(/(SUMMARY|SECOND)$/)
        messages.forEach((message, index) => {
          const calls = callsOf(message).map(({ toolCallId }) => toolCallId)
          const after = messages[index + 1]
          const results =
            after?.role === 'tool' ? after.content.map(part => 'toolCallId' in part && part.toolCallId) : []
          expect(message.role === 'tool' ? [] : results).toEqual(message.role === 'tool' ? [] : calls)
          if (message.role === 'tool') expect(messages[index - 1]?.role).toBe('assistant')
        })
      }
    }),
    { numRuns: 500 },
  )
})

// Catches: a step told twice or dropped at the cut, a result that is neither summarised nor told (a cut between two calls,
// or in half an answer), a cut before the last one, a summary of the one before last.
test('all is told as it was from the cut on, and what was before it is what is summarised', () => {
  fc.assert(
    fc.property(histories, fc.nat(), fc.nat(), (history, pick, another) => {
      const events = log(history)
      const once = cut(events, pick, 'SUMMARY')
      if (once) same(events, once, 'SUMMARY')
      const twice = once && cut(once.events, another, 'SECOND')
      if (twice) same(once.events, twice, 'SECOND')
      if (twice) expect(twice.upTo).toBeGreaterThan(once.upTo)
    }),
    { numRuns: 500 },
  )
})

function same(before: TurnEvent[], { events, upTo }: { events: TurnEvent[]; upTo: number }, summary: string) {
  const steps = (all: readonly TurnEvent[]) => messagesOf(all).filter(({ role }) => role !== 'user')
  const older = before.filter(({ id, body }) => id <= upTo || body.type === 'context.compacted')
  expect([...steps(older), ...steps(events)]).toEqual(steps(before))
  expect(JSON.stringify(messagesOf(events)).match(/SUMMARY|SECOND/g)).toEqual([summary])
  const talk = (all: readonly TurnEvent[]) =>
    messagesOf(all).filter(({ content }) => !String(content).startsWith('[After'))
  const [, ...rest] = talk(events)
  expect(rest).toEqual(talk(before).slice(talk(before).length - rest.length))
}

// Catches: ends of turns that are never cut behind, because a call of theirs or of an older turn never ran.
test('a conversation can be cut behind every turn that has ended', () => {
  fc.assert(
    fc.property(histories, history => {
      const ends = log(history).filter(
        ({ turn, body }) => /^turn\.(done|error|aborted)$/.test(body.type) && !turn.startsWith('not'),
      )
      expect(cutsIn(log(history))).toEqual(expect.arrayContaining(ends.map(({ id }) => id)))
    }),
  )
})

// Catches: a question of a turn that goes on, of one queued before the cut and started after it, or of one that ended
// before it left out or told twice; questions lost by
// the second compaction; the attachments of a question that is still being worked on.
test('every question of the person is told once, word for word and in its order, however often it is cut', () => {
  fc.assert(
    fc.property(histories, fc.array(fc.nat(), { minLength: 1, maxLength: 3 }), (history, picks) => {
      let events = log(history)
      for (const pick of picks) events = cut(events, pick, 'SUMMARY')?.events ?? events
      const started = [...new Set(history.flatMap(([turn, { type }]) => (type === 'turn.started' ? [turn] : [])))]
      const told = JSON.stringify(messagesOf(events))
      expect(told.match(/(?<!attached to )question \d/g)).toEqual(started.map(turn => `question ${turn}`))
      // What was attached belongs to the question as long as the turn was not summarised as a whole.
      const upTo = events.findLast(({ body }) => body.type === 'context.compacted')?.body
      const last = upTo?.type === 'context.compacted' ? upTo.upTo : 0
      const over = new Set(
        events.flatMap(({ id, turn, body }) =>
          id <= last && /^turn\.(done|error|aborted)$/.test(body.type) ? [turn] : [],
        ),
      )
      expect(told.match(/attached to question \d/g) ?? []).toEqual(
        started.filter(turn => !over.has(turn)).map(turn => `attached to question ${turn}`),
      )
    }),
    { numRuns: 500 },
  )
})

// Catches: a search that gives a cut that does not fit though one does, or a newer one than it had to.
test('the cut that keeps the most is taken, and the newest when none fits', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(1000)), fc.nat(1000), (ids, least) => {
      const cuts = ids.toSorted((a, b) => a - b)
      const found = oldestFitting(cuts, one => one >= least)
      expect(found).toBe(cuts.find(one => one >= least) ?? cuts.at(-1) ?? null)
    }),
  )
})

test('of too many questions the oldest are dropped, and that is said', () => {
  const questions = Array.from({ length: 20 }, (_, index) => `${index}:${'x'.repeat(1000)}`)
  const head = headOf('', questions)
  expect(head).toContain('[4 older ones are left out]')
  expect(head).not.toContain('\n3:x')
  expect(head).toContain(`\n4:${'x'.repeat(1000)}`)
  expect(Buffer.byteLength(head)).toBeLessThan(mostQuestionBytes + 2000)
})
