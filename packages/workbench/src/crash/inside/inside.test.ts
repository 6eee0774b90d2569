// Thousands of lives of a backend in this process, on one database (`SPOQ_TEST_DATABASE_URL`, else the embedded one).

import { testDatabase } from '@spoq/server/db/test-database'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { generator } from '../random.ts'
import { runMany, runsOf } from './bench.ts'
import { claimMutants, credulous, forgetful, mutants } from './mutants.ts'
import { overSsh } from './run.ts'
import { share as sharedBy } from './shared.ts'
import { tell } from './tell.ts'
import type { Shared, Weather } from './world.ts'

/** The other two are for `npm run soak`, as is every pair beyond these. */
const weathers: Weather[] = [
  { lag: false, sweep: true },
  { lag: true, sweep: false },
]

/**
 * Every blow at every place on the embedded database; on a PostgreSQL every place once more, each with one of the blows: what
 * a blow does to the backend is the same on both, and what else may happen at a place differs.
 */
const thorough = (pairs: number) =>
  shared.database.engine === 'embedded' ? { pairs } : { pairs: Math.ceil(pairs / 2), oneEach: true }

/** Of what takes longest some, by chance: `npm run soak` has the others. */
const part = () => ({ pairs: 50, share: shared.database.engine === 'embedded' ? 0.3 : 0.15 })

let shared: Shared
beforeAll(async () => {
  shared = await sharedBy(testDatabase)
})
afterAll(() => shared.database.close())

describe('a backend that is struck at any call to the world', { timeout: 1_800_000 }, () => {
  test('leaves one resource or none, as was wanted last, and an audit of every change', async () => {
    const verbs = ['provision', 'stop', 'start', 'terminate'] as const
    const tally = await runMany(shared, { verbs, weathers, ...thorough(450), random: generator(1) })
    console.log(tell(`in process on ${shared.database.engine}`, tally))
    expect(tally.wrongs).toEqual([])
    expect(runsOf(tally)).toBeGreaterThanOrEqual(shared.database.engine === 'embedded' ? 2_000 : 800)
  })

  test('does what is to be done once to its end, and has the size and the snapshots that it says', async () => {
    const verbs = ['resize', 'restart', 'rotate', 'snapshot', 'restore', 'unsnapshot'] as const
    const lagging = [{ lag: true, sweep: false }]
    const tally = await runMany(shared, { verbs, weathers: lagging, ...thorough(50), random: generator(3) })
    console.log(tell(`resize and snapshots on ${shared.database.engine}`, tally))
    expect(tally.wrongs).toEqual([])
  })

  test('gives each who asks a machine of their own that was made ahead, and has as many ready again', async () => {
    const tally = await runMany(shared, {
      verbs: ['claim'],
      weathers: weathers.slice(0, 1),
      ...part(),
      random: generator(4),
    })
    console.log(tell(`claims on ${shared.database.engine}`, tally))
    expect(tally.wrongs).toEqual([])
  })

  test.each(claimMutants)('that $name is found out', async mutant => {
    // One connection alone has two who ask come one after the other; several have them come at the same time.
    const isOfOneAtATime = !mutant.name.includes('lock')
    if (isOfOneAtATime !== (shared.database.engine === 'embedded'))
      return console.log(`skipped on ${shared.database.engine}: there it does no harm, or by chance alone`)
    const wish = { verbs: ['claim'], weathers: weathers.slice(0, 1), most: 1, pairs: 0, random: generator(5) } as const
    const tally = await runMany(shared, { ...wish, mutant })
    console.log(tell(`a backend that ${mutant.name}`, tally))
    expect(tally.wrongs.length).toBeGreaterThan(0)
  })

  test('ends a machine with its final backup, once its grace is over, and keeps the one that is to be kept', async () => {
    const verbs = ['end', 'keep'] as const
    const tally = await runMany(shared, { verbs, weathers, ...part(), random: generator(4) })
    console.log(tell(`ends and keeps on ${shared.database.engine}`, tally))
    expect(tally.wrongs).toEqual([])
  })

  test('that takes any backup for one that is stored is found out', async () => {
    const wish = { verbs: ['end'], weathers: [{ lag: false, sweep: false }], most: 1 } as const
    const tally = await runMany(shared, { ...wish, share: 0.1, pairs: 0, random: generator(5), mutant: credulous })
    expect(tally.wrongs.join()).toContain('without its final backup')
  })

  test('sets servers up over SSH, and again for another name, and says what is left where they are gone', async () => {
    const tally = await runMany(shared, {
      verbs: overSsh,
      weathers: weathers.slice(0, 1),
      share: 0.15,
      pairs: 30,
      random: generator(6),
    })
    console.log(tell(`servers over SSH on ${shared.database.engine}`, tally))
    expect(tally.wrongs).toEqual([])
  })

  test(`that ${forgetful.name} is found out`, async () => {
    const wish = {
      verbs: ['abandon'],
      weathers: weathers.slice(0, 1),
      most: 1,
      pairs: 0,
      random: generator(7),
    } as const
    const tally = await runMany(shared, { ...wish, mutant: forgetful })
    expect(tally.wrongs.join()).toContain('what is left is not told')
  })

  test.each(mutants)('that $name is found out', async mutant => {
    const strict = { verbs: ['provision'], weathers: [{ lag: true, sweep: false }], most: 1 } as const
    const tally = await runMany(shared, { ...strict, pairs: 0, random: generator(2), mutant })
    console.log(tell(`a backend that ${mutant.name}`, tally))
    expect(tally.wrongs.length).toBeGreaterThan(0)
  })
})
