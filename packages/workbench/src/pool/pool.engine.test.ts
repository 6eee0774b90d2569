// The warm pool on a real Engine: what is ready is given without a restart, what is used is destroyed, what does not answer
// or is of an older image is replaced.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Fleet, startFleet, whyNoFleet } from './fleet.ts'

const why = whyNoFleet()
if (why) console.log(`skipped: ${why}`)

describe.skipIf(why !== null)('a pool of five', () => {
  let fleet: Fleet
  beforeAll(async () => {
    fleet = await startFleet({ POOL_MIN: '5', POOL_MAX: '8' })
  }, 240_000)
  afterAll(() => fleet?.stop(), 120_000)

  const isFull = () => expect.poll(async () => (await fleet.warm()).length, { timeout: 90_000 }).toBe(5)
  const goes = (machine: string) =>
    expect.poll(() => fleet.containers().has(machine), { timeout: 90_000, interval: 1_000 }).toBe(false)

  test('is filled by itself, and lets nobody in', async () => {
    await isFull()
    expect([...fleet.containers().keys()].sort()).toEqual(await fleet.warm())
  }, 120_000)

  test('gives what is ready: no restart, the first question is answered, and what was used is destroyed', async () => {
    const before = fleet.containers()
    const people = [1, 2, 3].map(fleet.person)
    await Promise.all(people.map(({ signUp }) => signUp()))
    const machines = await Promise.all(people.map(({ provision }) => provision()))
    expect(new Set(machines.map(({ id }) => id)).size).toBe(3)
    await Promise.all(people.map((person, at) => person.running(String(machines[at]?.id))))
    for (const { id } of machines) {
      expect(before.has(id)).toBe(true)
      expect(fleet.containers().get(id)).toBe(before.get(id))
    }
    const words = await Promise.all(people.map((person, at) => person.firstToken(String(machines[at]?.id))))
    for (const word of words) expect(word).toMatch(/^\[demo/)
    const [ann, ben] = people
    const theirs = await ben?.target(String(machines[0]?.id)).catch(error => error)
    expect(String(theirs)).toMatch(/4\d\d/)
    await ann?.end(String(machines[0]?.id))
    await goes(String(machines[0]?.id))
    await isFull()
    for (const person of people) await person.close()
  }, 180_000)

  test('replaces one that hangs', async () => {
    const [hung] = await fleet.warm()
    const [, container = ''] = fleet.containers().get(String(hung))?.split(' ') ?? []
    fleet.docker.docker('pause', container)
    await goes(String(hung))
    await isFull()
  }, 180_000)

  test('replaces those of another image', async () => {
    const before = await fleet.warm()
    const { docker, image } = fleet.docker
    docker('tag', image, 'spoq-machine:before')
    const container = docker('create', image, 'true').trim()
    docker('commit', '--change', 'LABEL of=later', container, image)
    docker('rm', container)
    for (const machine of before) await goes(machine)
    await isFull()
    expect((await fleet.warm()).some(machine => before.includes(machine))).toBe(false)
  }, 240_000)

  test('is drained by who runs the server, and by nobody else', async () => {
    const dan = fleet.person(4)
    await dan.signUp()
    await expect(dan.send('POST', '/api/admin/pool/drain')).rejects.toThrow('not_admin')
    await fleet.admin.send('POST', '/api/admin/pool/drain')
    await expect.poll(async () => (await fleet.warm()).length, { timeout: 60_000 }).toBe(0)
    const { id } = await dan.provision()
    await dan.running(id)
    await dan.close()
    expect(fleet.complaints.filter(line => line.includes('"level":"error"'))).toEqual([])
  }, 120_000)
})
