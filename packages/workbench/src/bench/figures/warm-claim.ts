// From asking for a machine until its Conductor answers as its owner's, over one that is ready, and over one that has to be
// made. A real Engine and PostgreSQL; the cold one is made on an idle computer, one after the other.

import { setTimeout as sleep } from 'node:timers/promises'
import { call } from '@spoq/client/call'
import { showStatus } from '@spoq/contracts/status'
import { type Fleet, startFleet, whyNoFleet } from '../../pool/fleet.ts'
import type { Person } from '../../pool/person.ts'
import { type Figure, median } from '../figure.ts'

const rounds = 9
const many = 100

export const warmClaim: Figure[] = [
  {
    id: 'warm-claim',
    goal: { most: 0.05 },
    about: 'time until a claimed machine answers its owner / one that is made (medians)',
    skipped: whyNoFleet,
    measure: () =>
      withFleet(async fleet => {
        const cold = await coldMs(fleet)
        const warm: number[] = []
        for (let at = 0; at < rounds; at++) {
          const person = await known(fleet, 100 + at)
          // At rest: the place of the one before is filled again, which takes what a create takes.
          await fill(fleet, 2)
          warm.push(await answeredMs(person))
        }
        console.error(`a claim ${median(warm).toFixed(0)} ms, a create ${cold.toFixed(0)} ms`)
        return median(warm) / cold
      }),
  },
  {
    id: 'warm-claim-p99',
    goal: { most: 0.3 },
    about: `the slowest but one of ${many} claims at once / a machine that is made`,
    skipped: whyNoFleet,
    measure: () =>
      withFleet(async fleet => {
        const cold = await coldMs(fleet)
        await fill(fleet, many)
        const people: Person[] = []
        for (let at = 0; at < many; at++) people.push(await known(fleet, 100 + at))
        await sleep(5_000)
        const took = (await Promise.all(people.map(person => answeredMs(person, 50)))).toSorted((a, b) => a - b)
        const p99 = took[many - 2] as number
        console.error(
          `half within ${median(took).toFixed(0)} ms, 99 within ${p99.toFixed(0)} ms, a create ${cold.toFixed(0)} ms`,
        )
        return p99 / cold
      }),
  },
]

async function withFleet(measure: (fleet: Fleet) => Promise<number>): Promise<number> {
  const fleet = await startFleet({ POOL_MIN: '0', POOL_MAX: '0' })
  try {
    return await measure(fleet)
  } finally {
    await fleet.stop()
  }
}

/** How long it takes where none is ready. */
async function coldMs(fleet: Fleet): Promise<number> {
  const took: number[] = []
  for (let at = 1; at <= 5; at++) took.push(await answeredMs(await known(fleet, at)))
  return median(took)
}

async function fill(fleet: Fleet, count: number): Promise<void> {
  await fleet.admin.send('PUT', '/api/admin/pool', { min: count, max: count })
  while ((await fleet.warm()).length < count) await sleep(500)
  // What has just started is still busy with itself.
  await sleep(3_000)
}

/** Somebody who has signed up, and has a token. */
async function known(fleet: Fleet, at: number): Promise<Person> {
  const person = fleet.person(at)
  await person.signUp()
  await person.secret()
  return person
}

/** Until the machine takes its owner's token, in ms. `everyMs`: many who ask at once are not to be busy with asking. */
async function answeredMs(person: Person, everyMs = 5): Promise<number> {
  const begun = performance.now()
  const { id } = await person.provision()
  const conductor = await person.target(id)
  while (
    !(await call(conductor, showStatus).then(
      () => true,
      () => false,
    ))
  )
    await sleep(everyMs)
  return performance.now() - begun
}
