// Whatever the order in which a machine is ended, kept, stopped and removed, its copies fail and the time passes. Found so:
// an end that forgets to look whether its backup is still there, a keep that leaves the hold, a grace that begins anew when
// the end is asked for again, an extension without an end.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { remove } from '../backup/remove.ts'
import { findBackup } from '../backup/store.ts'
import { emptyTables } from '../db/test-database.ts'
import { start } from '../machine/start.ts'
import { stop } from '../machine/stop.ts'
import { terminate } from '../machine/terminate.ts'
import { end } from './end.ts'
import { keep } from './keep.ts'
import { endingWorld, times } from './test-world.ts'

const alice = { account: 'alice', requestId: 'req_alice' }
const { graceMs, extensionMs } = times
const hour = 3_600_000

const moves = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), hours: fc.constantFrom(1, 7, 30, 100, 170) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('end' as const, 'keep' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('start' as const, 'stop' as const, 'now' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('away' as const, 'back' as const, 'lose' as const) }) },
  // The next look is cut off in the middle of its transaction.
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const) }) },
)
const lives = fc.record({
  copies: fc.boolean(),
  away: fc.boolean(),
  moves: fc.array(moves, { minLength: 3, maxLength: 14 }),
})

test('a machine ends no sooner than it was told, no sooner than it is copied, and at last; kept, it is as it was', async () => {
  const world = await endingWorld()
  const { backups, provider, conductor, pass, settle, row, verbs } = world
  const now = backups.now
  let crashing = false
  const ports = {
    ...world.ports,
    wake: async () => {
      if (crashing) throw new Error('cut off')
    },
  }

  await fc.assert(
    fc.asyncProperty(lives, async ({ copies, away, moves }) => {
      await emptyTables(world.database)
      provider.resources.clear()
      conductor.fault = () => (away ? 'away' : undefined)
      world.ports.copies = copies
      ports.copies = copies
      const id = await world.machine({ name: 'otter' })
      let wanted = 'running'
      /** When its end was asked for first. */
      let asked: number | null = null
      let isNow = false

      /** What must hold whenever its files are gone. */
      const check = async () => {
        const { state, ending, holds } = await row(id)
        const isOver = state === 'terminating' || state === 'terminated'
        if (provider.resources.size === 0) expect(isOver).toBe(true)
        if (!isOver) {
          expect((await row(id)).wanted).toBe(wanted)
          expect(ending === null).toBe(asked === null)
          if (asked === null) expect(holds).toEqual([])
          if (asked === null || ending === null) return
          const endsAt = asked + graceMs + (ending.extended ? extensionMs : 0)
          expect(Date.parse(ending.endsAt)).toBe(endsAt)
          expect(now()).toBeLessThan(endsAt)
          return
        }
        if (isNow) return
        if (asked === null) throw new Error('it is over, and nobody asked for it')
        expect(now()).toBeGreaterThanOrEqual(asked + graceMs)
        const copy = ending?.backup ? await findBackup(backups.db, ending.backup) : undefined
        if (copies && copy?.state !== 'ready') expect(now()).toBeGreaterThanOrEqual(asked + graceMs + extensionMs)
      }
      const isOver = async () => ['terminating', 'terminated'].includes((await row(id)).state)

      for (const move of moves) {
        if (await isOver()) break
        if (move.kind === 'pass') pass(move.hours * hour)
        if (move.kind === 'away') conductor.fault = () => 'away'
        if (move.kind === 'back') conductor.fault = () => undefined
        if (move.kind === 'end') {
          await end(ports, alice, id)
          asked ??= now()
        }
        if (move.kind === 'keep') {
          await keep(ports, alice, id)
          asked = null
        }
        if (move.kind === 'now') {
          await terminate(verbs, alice, id)
          isNow = true
        }
        if (move.kind === 'start' || move.kind === 'stop') {
          const verb = move.kind === 'start' ? start : stop
          const done = await verb(verbs, alice, id).catch(() => null)
          if (done) wanted = move.kind === 'start' ? 'running' : 'stopped'
          else expect(asked).not.toBe(null)
        }
        if (move.kind === 'lose') {
          const backup = (await row(id)).ending?.backup
          if (backup) await remove(backups, alice, backup).catch(() => {})
        }
        if (move.kind === 'crash') {
          crashing = true
          await world.look(ports)
          crashing = false
        }
        await settle(id)
        await check()
        if (asked === null && !isNow) expect((await row(id)).state).toBe(wanted)
      }
      // Nothing is stuck.
      if (asked === null && !isNow) return
      for (let days = 0; days < 20 && !(await isOver()); days++) {
        pass(24 * hour)
        await settle(id)
        await check()
      }
      expect((await row(id)).state).toBe('terminated')
      expect(provider.resources.size).toBe(0)
    }),
    { numRuns: Number(process.env.SPOQ_RUNS ?? 40) },
  )
}, 300_000)
