import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { create } from './create.ts'
import { dayOf } from './daily.ts'
import { exported } from './export.ts'
import { lookOnce, openBackups } from './open.ts'
import type { BackupAsker } from './owner.ts'
import { ownBackup } from './owner.ts'
import type { BackupPorts } from './ports.ts'
import { remove } from './remove.ts'
import { restore } from './restore.ts'
import { findBackup, findRestore, listBackups } from './store.ts'
import { backupWorld } from './test-machine.ts'
import { verify } from './verify.ts'

const day = 86_400_000

async function made(world: Awaited<ReturnType<typeof backupWorld>>, account = 'alice') {
  const machine = await world.running(account)
  const { id } = await create(world.ports, world.asker(account), { machine: machine.id, kind: 'manual' })
  await lookOnce(world.ports)
  const row = await findBackup(world.ports.db, id)
  if (!row) throw new Error('it is gone')
  return { machine, row, path: join(world.folder, row.object) }
}

const exportedBytes = async (ports: BackupPorts, asker: BackupAsker, id: string) =>
  buffer((await exported(ports, asker, id)) as never)

test('a backup is stored sealed, opens as it was, and is put back', async () => {
  const world = await backupWorld()
  const { ports, machine: conductor, asker } = world
  conductor.content = Buffer.from('planted-secret '.repeat(20_000))
  const before = conductor.content
  const { machine, row, path } = await made(world)
  expect(row).toMatchObject({ state: 'ready', bytes: before.length, attempts: 1, error_code: null })
  expect(readFileSync(path).includes('planted-secret')).toBe(false)
  expect(statSync(path)).toMatchObject({ size: row.stored_bytes })
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect((await exportedBytes(ports, asker('alice'), row.id)).equals(before)).toBe(true)
  await verify(ports, asker('alice'), row.id)

  conductor.content = Buffer.from('something else')
  await restore(ports, asker('alice'), { machine: machine.id, backup: row.id })
  await lookOnce(ports)
  expect(conductor.content.equals(before)).toBe(true)
  expect(await findRestore(ports.db, machine.id)).toMatchObject({ state: 'done', error_code: null })
})

test("another account's backup is not there, nor another machine's for a token of one", async () => {
  const world = await backupWorld()
  const { ports, asker } = world
  const { row } = await made(world)
  const theirs = await world.running('mallory')
  const gone = { code: 'backup_not_found' }
  for (const who of [asker('mallory'), { ...asker('alice'), limited: { machine: 'mach_other' } }]) {
    await expect(ownBackup(ports.db, who, row.id)).rejects.toMatchObject(gone)
    await expect(exported(ports, who, row.id)).rejects.toMatchObject(gone)
    await expect(verify(ports, who, row.id)).rejects.toMatchObject(gone)
    await expect(remove(ports, who, row.id)).rejects.toMatchObject(gone)
  }
  const to = { machine: theirs.id, backup: row.id }
  await expect(restore(ports, asker('mallory'), to)).rejects.toMatchObject(gone)
  await expect(restore(ports, asker('alice'), to)).rejects.toMatchObject({ code: 'machine_not_found' })
})

test("an object in another's place, a changed one and a missing one are refused, and the machine stays as it is", async () => {
  const world = await backupWorld()
  const { ports, machine: conductor, asker } = world
  const one = await made(world)
  const other = await made(world, 'mallory')
  const second = await made(world)
  const was = conductor.content
  const mine = readFileSync(one.path)
  const damaged = { code: 'backup_damaged' }
  const broken = async (content: Buffer) => {
    writeFileSync(one.path, content)
    await expect(verify(ports, asker('alice'), one.row.id)).rejects.toMatchObject(damaged)
    await expect(exportedBytes(ports, asker('alice'), one.row.id)).rejects.toThrow()
    await restore(ports, asker('alice'), { machine: one.machine.id, backup: one.row.id })
    await lookOnce(ports)
    const ended = { state: 'failed', error_code: 'backup_damaged' }
    expect(await findRestore(ports.db, one.machine.id)).toMatchObject(ended)
    expect(conductor.content).toBe(was)
  }
  await broken(readFileSync(other.path))
  await broken(readFileSync(second.path))
  await broken(mine.subarray(0, mine.length - 1))
  await broken(mine.subarray(0, 65_551 + 16))
  await broken(Buffer.concat([mine, Buffer.from('x')]))
  renameSync(one.path, `${one.path}.away`)
  await expect(verify(ports, asker('alice'), one.row.id)).rejects.toMatchObject(damaged)
  // With the object and its key of another row the place is still another.
  writeFileSync(one.path, readFileSync(second.path))
  const { secret_id } = second.row
  await ports.db.updateTable('backup').set({ secret_id }).where('id', '=', one.row.id).execute()
  await expect(verify(ports, asker('alice'), one.row.id)).rejects.toMatchObject(damaged)
})

test('what breaks off, or is stored otherwise than it was sent, is never ready; it is tried again and then told', async () => {
  const world = await backupWorld()
  const { ports, machine: conductor, pass } = world
  conductor.fault = () => 'half'
  const { machine, row } = await made(world)
  expect(row).toMatchObject({ state: 'waiting', attempts: 1, error_code: 'backup_failed' })
  expect(readdirSync(join(world.folder, machine.id))).toEqual([])
  conductor.fault = () => 'away'
  for (let n = 0; n < 10; n++) {
    pass(3_600_000)
    await lookOnce(ports)
  }
  expect(await findBackup(ports.db, row.id)).toMatchObject({ state: 'failed', attempts: 5 })
  conductor.fault = () => undefined
  const lossy = {
    ...ports,
    store: {
      ...ports.store,
      put: async (name: string, bytes: AsyncIterable<Uint8Array>) => {
        await ports.store.put(
          name,
          (async function* () {
            for await (const some of bytes) yield some.subarray(0, some.length - (some.length > 100 ? 1 : 0))
          })(),
        )
      },
    },
  }
  const again = await create(ports, world.asker('alice'), { machine: machine.id, kind: 'manual' })
  await lookOnce(lossy)
  expect(await findBackup(ports.db, again.id)).toMatchObject({ state: 'waiting', error_code: 'backup_failed' })
})

test('what was cut off by a death is begun again: one object, one key', async () => {
  const world = await backupWorld()
  const { ports, database, pass } = world
  const machine = await world.running()
  const { id } = await create(ports, world.asker('alice'), { machine: machine.id, kind: 'manual' })
  // Dead after the object was stored, before the row said so.
  await ports.db.updateTable('backup').set({ state: 'making', attempts: 1 }).where('id', '=', id).execute()
  mkdirSync(join(world.folder, machine.id), { recursive: true })
  writeFileSync(join(world.folder, machine.id, id), 'of the dead one')
  pass(60_000)
  await lookOnce(ports)
  await verify(ports, world.asker('alice'), id)
  expect(readdirSync(join(world.folder, machine.id))).toEqual([id])
  expect(await database.query('SELECT id FROM secret')).toHaveLength(1)
})

test('each machine has one backup a day, at a time of its own; missed days are not made up for, old ones go', async () => {
  const world = await backupWorld()
  const { database, pass } = world
  const ports = { ...world.ports, daily: true }
  const machine = await world.running()
  const stopped = await world.running()
  await ports.db.updateTable('machine').set({ state: 'stopped' }).where('id', '=', stopped.id).execute()
  await lookOnce(ports)
  await lookOnce(ports)
  expect(await listBackups(ports.db, 'alice', machine.id)).toHaveLength(1)
  pass(5 * day)
  await lookOnce(ports)
  expect(await listBackups(ports.db, 'alice', machine.id)).toHaveLength(2)
  expect(await listBackups(ports.db, 'alice', stopped.id)).toHaveLength(0)
  pass(26 * day)
  await lookOnce(ports)
  const left = await listBackups(ports.db, 'alice', machine.id)
  expect(left.map(({ state }) => state)).toEqual(['ready', 'ready'])
  expect(readdirSync(join(world.folder, machine.id))).toHaveLength(2)
  expect(await database.query('SELECT id FROM secret')).toHaveLength(2)
  const times = new Set(Array.from({ length: 50 }, (_, n) => dayOf(`mach_${n}`, 0).began))
  expect(times.size).toBeGreaterThan(40)
})

test('one that is removed takes its object and its key with it, and is gone at once', async () => {
  const world = await backupWorld()
  const { ports, database, asker, folder } = world
  const { row, machine } = await made(world)
  await remove(ports, asker('alice'), row.id)
  await expect(remove(ports, asker('alice'), row.id)).rejects.toMatchObject({ code: 'backup_not_found' })
  await lookOnce(ports)
  expect(readdirSync(join(folder, machine.id))).toEqual([])
  expect(await database.query('SELECT id FROM secret')).toEqual([])
  expect(await database.query('SELECT id FROM backup')).toEqual([])
})

test('two workers make a backup once; a machine that does not run is refused', async () => {
  const world = await backupWorld()
  const { ports, machine: conductor } = world
  const machine = await world.running()
  const asked = { machine: machine.id, kind: 'manual' as const }
  const first = await create(ports, world.asker('alice'), asked)
  expect((await create(ports, world.asker('alice'), asked)).id).toBe(first.id)
  const workers = [openBackups(ports, 3_600_000), openBackups(ports, 3_600_000)]
  for (const worker of workers) await worker.stop()
  expect(conductor.reads).toBeLessThanOrEqual(1)
  await ports.db.updateTable('machine').set({ state: 'stopped' }).where('id', '=', machine.id).execute()
  const refused = create(ports, world.asker('alice'), { ...asked, kind: 'manual' })
  await expect(refused).rejects.toMatchObject({ code: 'machine_not_running' })
})
