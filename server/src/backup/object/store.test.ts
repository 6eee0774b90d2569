// Both stores do the same; and an S3 that answers late, wrongly, or not at all. A real S3 is asked in s3.engine.test.ts.

import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { startS3 } from '@spoq/workbench/stand-ins/s3'
import { expect, onTestFinished, test } from 'vitest'
import { create } from '../create.ts'
import { lookOnce } from '../open.ts'
import { findBackup } from '../store.ts'
import { backupWorld } from '../test-machine.ts'
import { verify } from '../verify.ts'
import { folderStore } from './folder.ts'
import type { ObjectStore } from './object-store.ts'
import { s3Store } from './s3.ts'
import { broken, chunked, partBytes, storeSpec } from './store-spec.ts'

async function s3() {
  const standIn = await startS3()
  onTestFinished(() => standIn.stop())
  const options = { now: Date.now, partBytes, pauseMs: 1 }
  return { standIn, store: s3Store({ url: standIn.address, ...options }), options }
}

function folder(): ObjectStore {
  const path = mkdtempSync(join(tmpdir(), 'spoq-store-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return folderStore(path)
}

storeSpec('folder', folder)
storeSpec('S3 stand-in', async () => (await s3()).store)

test('a folder keeps no part of what broke off', async () => {
  const path = mkdtempSync(join(tmpdir(), 'spoq-store-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  await expect(folderStore(path).put('m/one', broken())).rejects.toThrow()
  expect(readdirSync(join(path, 'm'))).toEqual([])
})

test('lost answers, faults and half answers of an S3 are tried again, and nothing is left begun', async () => {
  const { standIn, store } = await s3()
  const bytes = randomBytes(2 * partBytes + 7)
  standIn.weather(/PUT .*partNumber=1/, 'lost', 'fault')
  standIn.weather(/PUT .*partNumber=2/, 'fault', 'fault', 'lost')
  standIn.weather(/POST .*uploadId/, 'lost')
  standIn.weather(/^HEAD/, 'fault')
  await store.put('m/one', chunked(bytes))
  expect((await buffer(await store.get('m/one'))).equals(bytes)).toBe(true)
  expect(standIn.uploads.size).toBe(0)
  standIn.weather(/PUT .*partNumber=2/, 'fault', 'fault', 'fault', 'fault', 'fault')
  await expect(store.put('m/two', chunked(bytes))).rejects.toMatchObject({ code: 'backup_failed' })
  expect([...standIn.objects.keys()]).toEqual(['/bucket/some/prefix/m/one'])
  expect(standIn.uploads.size).toBe(0)
  standIn.weather(/^GET/, 'half')
  await expect(buffer(await store.get('m/one'))).rejects.toThrow()
})

test('an S3 that takes no key of ours is told of in one line without the key', async () => {
  const { standIn, options } = await s3()
  const wrong = s3Store({ ...options, url: standIn.address.replace('stand', 'other') })
  const error = await wrong.put('m/one', chunked(Buffer.from('x'))).catch(thrown => thrown)
  expect(error).toMatchObject({ code: 'backup_failed', message: expect.stringContaining('SignatureDoesNotMatch') })
  expect(`${error.stack}${error.message}`).not.toContain('other%2Fin')
})

test('a backup in an S3 that changed a bit of it, or gives half of it back, is not ready', async () => {
  const { standIn, store } = await s3()
  const world = await backupWorld({ store })
  const machine = await world.running()
  const { id } = await create(world.ports, world.asker('alice'), { machine: machine.id, kind: 'manual' })
  for (const weather of ['changed', 'half'] as const) {
    standIn.weather(/^GET .*backup_\w+$/, weather)
    await lookOnce(world.ports)
    expect(await findBackup(world.ports.db, id)).toMatchObject({ state: 'waiting', error_code: 'backup_failed' })
    world.pass(3_600_000)
  }
  await lookOnce(world.ports)
  expect(await findBackup(world.ports.db, id)).toMatchObject({ state: 'ready' })
  await verify(world.ports, world.asker('alice'), id)
  expect(standIn.objects.size).toBe(1)
})
