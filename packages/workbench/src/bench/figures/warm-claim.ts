// From asking for a machine until its Conductor answers as its owner's, over one that is ready, and over one that has to be
// made. A real Engine and PostgreSQL; the cold one is made on an idle computer, one after the other.

import { setTimeout as sleep } from 'node:timers/promises'
import { call } from '@spoq/client/call'
import { health as showHealth, showStatus } from '@spoq/contracts/status'
import { createToken, tokenScopes } from '@spoq/contracts/token'
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
    goal: { most: 2 },
    about: `the slowest but one of ${many} claims at once / of as many bare requests, one after the other as in a claim`,
    skipped: whyNoFleet,
    measure: () =>
      withFleet(async fleet => {
        const cold = await coldMs(fleet)
        await fill(fleet, many)
        const people: Person[] = []
        for (let at = 0; at < many; at++) people.push(await known(fleet, 100 + at))
        const bare = await bareOnes(fleet, people)
        await sleep(5_000)
        const answers = await p99(bare.map(({ health }) => health))
        const inserts = await p99(bare.map(({ insert }) => insert))
        const floor = await p99(bare.map(one => one.asInAClaim))
        await sleep(5_000)
        const took = await p99(people.map(person => () => answeredMs(person, 50)))
        const over = (ms: number) => `${ms.toFixed(0)} ms, ${(ms / cold).toFixed(2)} of a create`
        console.error(
          `${many} at once, 99 within: a claim ${over(took)}; its requests bare ${over(floor)}; of these one /health ` +
            `of each Conductor ${over(answers)}, one INSERT of the backend ${over(inserts)}. ` +
            `0.3 of a create is ${floor > 0.3 * cold ? 'not reachable' : 'above the floor'} here`,
        )
        return took / floor
      }),
  },
]

/**
 * What no claim is faster than on this computer: its requests with next to nothing behind them. The backend is asked twice as
 * somebody and inserts a row (for the claim and for the token), and the machine's Conductor answers twice that it lives (for
 * what the backend tells it and for the first question).
 */
async function bareOnes(fleet: Fleet, people: readonly Person[]) {
  const machines = await fleet.warm()
  const insert = (person: Person) => person.send('POST', createToken.path, { name: 'bare', scopes: tokenScopes })
  return people.map((person, at) => {
    const health = () => fleet.edge(String(machines[at]), edge => call(edge, showHealth))
    const asInAClaim = async () => {
      for (let request = 0; request < 2; request++) {
        await insert(person)
        await health()
      }
    }
    return { health, insert: () => insert(person), asInAClaim }
  })
}

/** All at once: when all but the slowest but one were done, in ms. */
async function p99(works: (() => Promise<unknown>)[]): Promise<number> {
  const begun = performance.now()
  const took = await Promise.all(works.map(work => work().then(() => performance.now() - begun)))
  return took.toSorted((a, b) => a - b).at(-2) as number
}

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
