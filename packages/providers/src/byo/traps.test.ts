import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startTestServer } from '@spoq/kit/ssh-job/test-server'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { conformance } from '../conformance/suite.ts'
import type { MachineSpec } from '../provider.ts'
import type { Connection } from './index.ts'
import { readMarker } from './marker.ts'
import { type Bed, type Brought, startBed } from './test-bed.ts'

const spec = { owner: 'a1', issuer: 'https://spoq.example', jwksUrl: 'https://spoq.example/jwks' }
const machine = 'mach_0123456789abcdef'
const wanted = { ...spec, machine, name: 'otter' } satisfies MachineSpec

conformance('byo, on servers in this process', async () => {
  const bed = await startBed()
  const { provider } = bed
  const create = async (asked: MachineSpec) => {
    await bed.bring(asked.machine)
    return provider.create(asked)
  }
  return {
    provider: { ...provider, create },
    spec,
    settleMs: 5_000,
    halfMade: async id => {
      const { folder } = await bed.bring(id)
      mkdirSync(folder)
      writeFileSync(join(folder, 'machine'), `${id} tests\n`)
    },
    cleanup: async () => bed[Symbol.asyncDispose](),
  }
})

let bed: Bed
let place: Brought
beforeEach(async () => {
  bed = await startBed()
  place = await bed.bring(machine)
})
afterEach(() => bed[Symbol.asyncDispose]())

const marker = () => readFileSync(join(place.folder, 'machine'), 'utf8')
const failure = (work: Promise<unknown>) =>
  work.then(
    () => expect.unreachable(),
    error => error,
  )

test('a create marks the server, and leaves the way to be rid of it there', async () => {
  expect(await bed.provider.create(wanted)).toMatchObject({ ref: place.ref, machine, addresses: { v4: '127.0.0.1' } })
  expect(marker()).toBe(`${machine} tests\n`)
  expect(readFileSync(join(place.folder, 'remove.sh'), 'utf8')).toContain('rm -rf')
})

test.each([
  ['another machine of this Spoq', 'machine', 'mach_aaaaaaaaaaaaaaaaaaaa tests\n'],
  ['a machine of another Spoq', 'machine', `${machine} others\n`],
  [
    'a machine that another Spoq set up at its start',
    'vps.marker',
    '{"folder":"/x","machine":"mach_bbbbbbbbbbbbbbbbbbbb","name":"n"}\n',
  ],
])('a server that is %s is refused, and stays as it is', async (_, file, text) => {
  mkdirSync(place.folder)
  writeFileSync(join(place.folder, file), text)
  expect(await failure(bed.provider.create(wanted))).toMatchObject({
    kind: 'refused',
    message: expect.stringMatching(/^This server is the machine mach_\w+ already\./),
  })
  expect(readFileSync(join(place.folder, file), 'utf8')).toBe(text)
  expect(existsSync(join(place.folder, 'remove.sh'))).toBe(false)
  expect(await bed.provider.find(machine)).toEqual([])
})

test.each(['', 'mach_0123', `${machine}`, 'what?\n'])('half a marker (%j) is nobody’s: it is put right', async text => {
  mkdirSync(place.folder)
  writeFileSync(join(place.folder, 'machine'), text)
  expect(await bed.provider.find(machine)).toEqual([])
  await bed.provider.create(wanted)
  expect(marker()).toBe(`${machine} tests\n`)
})

test('of two machines that come to one server at once, one has it', async () => {
  const other = 'mach_fedcba9876543210'
  await bed.bring(other, place)
  const made = await Promise.allSettled([
    bed.provider.create(wanted),
    bed.provider.create({ ...wanted, machine: other }),
  ])
  expect(made.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  const [first] = made.filter(one => one.status === 'fulfilled')
  expect(readMarker(marker().trim())?.machine).toBe(first?.value.machine)
})

test('a disk that is full is said, and nothing is half there', async () => {
  // Root writes anywhere: a file in the place of the folder stands for a disk that takes nothing.
  writeFileSync(place.folder, '')
  expect(await failure(bed.provider.create(wanted))).toMatchObject({
    kind: 'refused',
    undone: true,
    message: 'Nothing can be written on the server: is its disk full?',
  })
})

test('another host key than the confirmed one: refused, loudly, and nothing is sent there', async () => {
  await using other = await startTestServer({ as: () => 'echo must not be run; exit 1' })
  await bed.provider.create(wanted)
  const { ref } = place
  const changed = await bed.bring(machine, place)
  changed.target = { ...place.target, hostKey: other.hostKey }
  for (const work of [
    () => bed.provider.find(machine),
    () => bed.provider.terminate(ref),
    () => bed.provider.suspend(ref),
  ])
    expect(await failure(work())).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('another SSH host key'),
    })
  expect(marker()).toBe(`${machine} tests\n`)
})

test('a server that does not answer is not gone', async () => {
  const { ref } = await bed.provider.create(wanted)
  await place.server[Symbol.asyncDispose]()
  for (const work of [
    () => bed.provider.find(machine),
    () => bed.provider.status(ref),
    () => bed.provider.terminate(ref),
  ])
    expect(await failure(work())).toMatchObject({ kind: 'retry' })
  // A look at everything does not wait for it.
  expect(await bed.provider.list()).toMatchObject([{ machine, state: 'running' }])
  expect(await bed.another().list()).toMatchObject([{ machine, state: 'running' }])
})

test('one that is to end is not asked how it is; given up, it is forgotten, with what is to be done by hand', async () => {
  const { ref } = await bed.provider.create(wanted)
  await place.server[Symbol.asyncDispose]()
  bed.rows.set(ref, { ...(bed.rows.get(ref) as Connection), isEnding: true })
  expect(await bed.another().find(machine)).toMatchObject([{ ref, machine }])
  expect(await bed.provider.leaves?.(ref)).toMatch(/stay on it.*run there: sudo sh \/etc\/spoq\/remove\.sh$/)
  await bed.provider.abandon?.(ref)
  expect(bed.rows.size).toBe(0)
})

test('that the server is clean is known before the key goes; cut off then, the end goes on without the script', async () => {
  const { ref } = await bed.provider.create(wanted)
  await bed.provider.terminate(ref)
  expect(bed.calls).toEqual(['cleaned', 'forget'])
  expect(existsSync(place.folder)).toBe(false)

  await bed.bring(machine, place)
  bed.rows.set(ref, { ...(bed.rows.get(ref) as Connection), isCleaned: true })
  expect(await bed.another().find(machine)).toHaveLength(1)
  await bed.another().terminate(ref)
  expect(readFileSync(`${place.folder}.removed`, 'utf8')).toBe('removed\n')
  expect(bed.rows.size).toBe(0)
})

test('the end of a machine touches nothing of another that has come to its server', async () => {
  const { ref } = await bed.provider.create(wanted)
  writeFileSync(join(place.folder, 'machine'), 'mach_aaaaaaaaaaaaaaaaaaaa others\n')
  await bed.provider.terminate(ref)
  expect(marker()).toBe('mach_aaaaaaaaaaaaaaaaaaaa others\n')
  expect(bed.rows.size).toBe(0)
})

// Each connection is cut once, at its begin or in the middle, and the verb is called again as the reconciler does.
test('a connection that breaks at any step leaves what the next try finishes', async () => {
  for (const ms of [0, 60, 150, 250]) {
    await bed.bring(machine, place)
    for (const verb of ['create', 'suspend', 'resume', 'terminate'] as const) {
      let cut = false
      place.server.onConnection = socket => {
        if (!cut) setTimeout(() => socket.destroy(), ms)
        cut = true
        return true
      }
      const once = async () => {
        if (verb === 'create') await bed.provider.create(wanted)
        else await bed.provider[verb](place.ref)
      }
      await once().catch(async error => {
        expect(error).toMatchObject({ kind: 'retry' })
        await once()
      })
    }
    expect(existsSync(place.folder)).toBe(false)
    expect(bed.rows.size).toBe(0)
  }
}, 60_000)
