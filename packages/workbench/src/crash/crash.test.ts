// Real processes and real kills, on the database of the test run. All at the same time: each backend is killed while it waits.

import { describe, expect, test } from 'vitest'
import { killAndAdopt } from './adoption.ts'
import { killEverywhere } from './kill-everywhere.ts'
import { killInPairs } from './pairs.ts'
import type { Place } from './places.ts'
import { type Verb, verbs } from './protocol.ts'
import { generator } from './random.ts'

/** Calls that must be among those at whose end the backend is killed; a name is the beginning of one. */
const ofAll = ['begin', 'sql insert into audit_record', 'wake', 'commit', 'sql update machine set lease_until', 'find']
const calls: Record<Verb, string[]> = {
  provision: [
    'sql insert into machine',
    'create > mkdir',
    'create > writeFile',
    'create > rename',
    'create > open',
    'create > spawn',
    'create #',
    'sql update machine set provider_ref',
    'sql insert into machine_access',
    'tell',
    'sql update machine_access set acknowledged',
  ],
  stop: ['sql update machine set wanted', 'suspend > POST /api/shutdown', 'suspend #'],
  start: ['sql update machine set wanted', 'resume > open', 'resume > spawn', 'resume #'],
  terminate: [
    'sql update machine set wanted',
    'terminate > POST /api/shutdown',
    'terminate > rename',
    'terminate > rm',
    'terminate #',
  ],
}

const onPostgres = process.env.SPOQ_TEST_DATABASE_URL !== undefined

/** Of the calls of one name the first: at the others it is killed inside, on this database too. */
const onceEach = (places: Place[]) => [...new Map(places.toReversed().map(place => [nameOf(place), place])).values()]
const nameOf = (place: Place) => place.replace(/ #\d+$/, '')
/** What makes and ends a resource is killed at every call on one of the databases. */
const isWhole = (verb: Verb) => !onPostgres && (verb === 'provision' || verb === 'terminate')

describe.concurrent('a backend that is killed', { timeout: 1_800_000 }, () => {
  test.each(verbs)(
    'at any await of %s leaves exactly one machine, or none, and an audit of every change',
    async verb => {
      const report = await killEverywhere({ verb, ...(isWhole(verb) ? {} : { choose: onceEach }) })
      console.log(`${verb}: killed ${report.kills} times; ${report.missed.length} places were not met again`)
      expect(report.wrongs).toEqual([])
      const met = report.places.filter(place => !report.missed.includes(place))
      const wanted = [...ofAll, ...calls[verb]]
      expect(wanted.filter(call => !met.some(place => place.startsWith(`after ${call}`)))).toEqual([])
      expect(report.kills).toBe(met.length)
    },
  )

  test('and killed again while it recovers leaves no more and no less', async () => {
    const pairs = onPostgres ? 15 : 30
    const report = await killInPairs({ pairs, random: generator(1) })
    console.log(`${pairs} pairs: killed ${report.kills} times; ${report.missed.length} places were not met again`)
    expect(report.wrongs).toEqual([])
    expect(report.kills).toBeGreaterThan(pairs)
  })

  test('at any moment finds its machines again, which noticed nothing', async () => {
    const report = await killAndAdopt({ kills: 15, random: generator(1) })
    console.log(`local machines: ${report.kills} kills of their backend`)
    expect(report.wrongs).toEqual([])
    expect(report.kills).toBeGreaterThanOrEqual(15)
  })
})
