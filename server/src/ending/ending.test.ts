import { buffer } from 'node:stream/consumers'
import { SpoqError } from '@spoq/contracts/problem'
import { describe, expect, test } from 'vitest'
import { listRecords } from '../audit/list.ts'
import { exported } from '../backup/export.ts'
import { lookOnce } from '../backup/open.ts'
import { remove } from '../backup/remove.ts'
import { restore } from '../backup/restore.ts'
import { findBackup, findRestore, listBackups } from '../backup/store.ts'
import { start } from '../machine/start.ts'
import { stop } from '../machine/stop.ts'
import { terminate } from '../machine/terminate.ts'
import { end, preview } from './end.ts'
import { keep } from './keep.ts'
import { endingWorld, times } from './test-world.ts'

const alice = { account: 'alice', requestId: 'req_alice' }
const { graceMs } = times
const day = 86_400_000

describe('a machine that its owner ends', () => {
  test('is copied, held, and removed when its grace is over; the copy outlives it and leads back', async () => {
    const world = await endingWorld()
    const { ports, provider, mails, settle, row, pass, backups } = world
    const before = world.conductor.content
    const id = await world.machine()
    expect(await preview(ports, 'alice', id)).toMatchObject({ copy: true })
    const ended = await end(ports, alice, id)
    expect(ended).toMatchObject({ state: 'running', holds: [], ending: { copy: 'making' } })
    expect(await end(ports, alice, id)).toMatchObject({ ending: ended.ending })
    await settle(id)
    const held = await row(id)
    expect(held).toMatchObject({ state: 'suspended', wanted: 'running', holds: ['ending'] })
    expect(held.ending).toMatchObject({ copy: 'ready', endsAt: ended.ending?.endsAt })
    expect([...provider.resources.values()].map(({ state }) => state)).toEqual(['stopped'])
    pass(graceMs - day)
    await settle(id)
    expect((await row(id)).state).toBe('suspended')
    pass(day)
    await settle(id)
    expect((await row(id)).state).toBe('terminated')
    expect(provider.resources.size).toBe(0)
    expect(mails.map(({ subject }) => subject)).toEqual([
      expect.stringMatching(/ ends on 2026-11-28$/),
      expect.stringMatching(/ has ended$/),
    ])

    pass(29 * day)
    await lookOnce(backups)
    const [copy] = await listBackups(ports.db, 'alice', id)
    expect(copy).toMatchObject({ kind: 'final', state: 'ready' })
    // What the mail names: the command, and an address that is no secret.
    const told = mails.at(-1)
    const name = (await row(id)).name
    for (const text of [told?.text ?? '', told?.html ?? '']) {
      expect(text).toContain(`spoq backup export --backup ${copy?.id} --to ${name}.tar`)
      expect(text).toContain(`https://spoq.test/backups/${copy?.id}`)
      expect(text).toContain('2026-12-28')
    }
    const bytes = await buffer((await exported(backups, alice, copy?.id ?? '')) as never)
    expect(bytes.equals(before)).toBe(true)
    const other = await world.machine({ name: 'another' })
    world.conductor.content = Buffer.from('new and empty')
    await restore(backups, alice, { machine: other, backup: copy?.id ?? '' })
    await lookOnce(backups)
    expect(await findRestore(ports.db, other)).toMatchObject({ state: 'done' })
    expect(world.conductor.content.equals(before)).toBe(true)
    pass(2 * day)
    await lookOnce(backups)
    await lookOnce(backups)
    expect(await listBackups(ports.db, 'alice', id)).toEqual([])
  })

  test('is kept as it was wanted before, also one that was stopped and ran for its copy', async () => {
    const world = await endingWorld()
    const { ports, settle, row, verbs } = world
    const id = await world.machine()
    await stop(verbs, alice, id)
    await settle(id)
    await end(ports, alice, id)
    await settle(id)
    expect(await row(id)).toMatchObject({ state: 'suspended', wanted: 'stopped', ending: { copy: 'ready' } })
    await expect(start(verbs, alice, id)).rejects.toMatchObject({ code: 'machine_state' })
    await expect(stop(verbs, alice, id)).rejects.toMatchObject({ code: 'machine_state' })
    expect(await keep(ports, alice, id)).toMatchObject({ ending: null, holds: [] })
    await keep(ports, alice, id)
    await settle(id)
    expect(await row(id)).toMatchObject({ state: 'stopped', wanted: 'stopped', holds: [], ending: null })
    const records = (await listRecords(ports.db, id)).map(({ action }) => action)
    expect(records.filter(action => action === 'machine.keep')).toHaveLength(1)
  })

  test('ends at once where it never ran, and where it is asked for', async () => {
    const world = await endingWorld()
    const { ports, settle, row, verbs } = world
    const never = await world.machine({ state: 'failed' })
    expect(await preview(ports, 'alice', never)).toEqual({ endsAt: null, copy: false })
    expect((await end(ports, alice, never)).state).toBe('terminating')
    await expect(keep(ports, alice, never)).rejects.toMatchObject({ code: 'machine_state' })
    const failed = await world.machine({ state: 'failed' })
    await world.ran(failed)
    expect((await end(ports, alice, failed)).state).toBe('failed')
    const id = await world.machine()
    await end(ports, alice, id)
    await terminate(verbs, alice, id)
    await settle(id)
    expect((await row(id)).state).toBe('terminated')
  })

  test("is nobody else's to end or to keep", async () => {
    const world = await endingWorld()
    const id = await world.machine()
    const mallory = { account: 'mallory', requestId: 'req_mallory' }
    for (const verb of [end, keep])
      await expect(verb(world.ports, mallory, id)).rejects.toMatchObject({ code: 'machine_not_found' })
    await expect(preview(world.ports, 'mallory', id)).rejects.toMatchObject({ code: 'machine_not_found' })
  })

  test('without a place for backups is held at once, and ends with its grace', async () => {
    const world = await endingWorld()
    const ports = { ...world.ports, copies: false }
    const id = await world.machine()
    expect(await end(ports, alice, id)).toMatchObject({ holds: ['ending'], ending: { copy: 'none' } })
    await world.settle(id)
    expect((await world.row(id)).state).toBe('suspended')
    world.pass(graceMs)
    await world.settle(id)
    expect((await world.row(id)).state).toBe('terminated')
    expect(world.mails[0]?.text).toMatch(/keeps no backups/)
  })

  test('whose copy fails is told, tried again, and gets seven more days, no more', async () => {
    const world = await endingWorld()
    const { ports, settle, row, pass, mails } = world
    const id = await world.machine()
    world.conductor.fault = () => 'away'
    await end(ports, alice, id)
    const live = async (ms: number) => {
      for (const until = world.backups.now() + ms; world.backups.now() < until; ) {
        pass(3_600_000)
        await settle(id)
      }
    }
    await live(12 * 3_600_000)
    expect(await row(id)).toMatchObject({ ending: { told: true, reason: expect.any(String) } })
    const tries = await listBackups(ports.db, 'alice', id)
    expect(tries.length).toBeGreaterThan(1)
    await live(graceMs)
    const late = await row(id)
    expect(late).toMatchObject({ ending: { extended: true } })
    expect(late.state).not.toBe('terminated')
    await live(graceMs)
    expect((await row(id)).state).toBe('terminated')
    expect(mails.map(({ subject }) => subject.replace(/m-\w+/, 'NAME').replace(/\d{4}-.*/, 'DAY'))).toEqual([
      'Your machine NAME ends on DAY',
      'There is no final backup of NAME yet',
      'Your machine NAME is kept until DAY',
      'Your machine NAME has ended',
    ])
  }, 60_000)

  test('whose copy is damaged or removed is copied again', async () => {
    const world = await endingWorld()
    const { ports, settle, row, pass, backups } = world
    const id = await world.machine()
    let damaged = true
    const verify = ports.verify
    ports.verify = async copy => {
      if (damaged) throw new SpoqError('backup_damaged')
      await verify(copy)
    }
    await end(ports, alice, id)
    await settle(id)
    expect(await row(id)).toMatchObject({ state: 'suspended', ending: { copy: 'failed' } })
    damaged = false
    pass(7 * 3_600_000)
    await settle(id)
    const first = (await row(id)).ending?.backup ?? ''
    expect((await row(id)).ending).toMatchObject({ copy: 'ready', reason: null })
    await remove(backups, alice, first)
    await settle(id)
    pass(7 * 3_600_000)
    await settle(id)
    const second = (await row(id)).ending
    expect(second).toMatchObject({ copy: 'ready' })
    expect(second?.backup).not.toBe(first)
    expect(await findBackup(ports.db, second?.backup ?? '')).toMatchObject({ state: 'ready' })
  })
})
