// Backups in a real S3: OpenStack Swift's, which checks each signature, or the one that SPOQ_TEST_S3_URL names.

import { createHash, randomBytes } from 'node:crypto'
import { noSwift, type S3Server, startSwift } from '@spoq/workbench/s3/swift'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { create } from '../create.ts'
import { lookOnce } from '../open.ts'
import { remove } from '../remove.ts'
import { restore } from '../restore.ts'
import { findBackup, findRestore } from '../store.ts'
import { backupWorld } from '../test-machine.ts'
import { verify } from '../verify.ts'
import { ObjectMissing } from './object-store.ts'
import { s3Store } from './s3.ts'
import { broken, chunked, partBytes, storeSpec } from './store-spec.ts'

const named = process.env.SPOQ_TEST_S3_URL
const missing = named ? null : noSwift()
if (missing) console.log(`skipped: ${missing}, and SPOQ_TEST_S3_URL names no S3`)
if (missing && process.env.CI) throw new Error(missing)

describe.skipIf(missing !== null)('a real S3', () => {
  let server: S3Server | undefined
  beforeAll(async () => {
    if (!named) server = await startSwift()
  }, 60_000)
  afterAll(() => server?.stop())
  const url = () => named ?? server?.url ?? ''
  const open = (at = url()) => s3Store({ url: at, now: Date.now, partBytes, pauseMs: 1 })

  storeSpec('real', () => open())

  test('what broke off leaves no upload behind that costs money', async () => {
    await expect(open().put('mach_x/broken', broken())).rejects.toThrow('it broke off')
    if (server) expect(await server.uploads()).toEqual([])
  })

  test('a wrong secret is refused, in one line that does not hold it', async () => {
    const wrong = new URL(url())
    wrong.password = 'some-other-secret'
    const error = await open(wrong.href)
      .put('mach_x/one', chunked(Buffer.from('x')))
      .catch(thrown => thrown)
    expect(error).toMatchObject({ code: 'backup_failed', message: expect.stringContaining('SignatureDoesNotMatch') })
    expect(`${error.stack}${error.message}`).not.toContain('some-other-secret')
  })

  test('a machine comes back from it as it was, by hash; what is removed is gone', async () => {
    const store = open()
    const { ports, machine, asker, running } = await backupWorld({ store })
    const hash = () => createHash('sha256').update(machine.content).digest('hex')
    machine.content = randomBytes(2 * partBytes + 12_345)
    const was = hash()
    const { id } = await running()
    const made = await create(ports, asker('alice'), { machine: id, kind: 'manual' })
    await lookOnce(ports)
    const row = await findBackup(ports.db, made.id)
    expect(row).toMatchObject({ state: 'ready' })
    await verify(ports, asker('alice'), made.id)
    machine.content = Buffer.from('something else')
    await restore(ports, asker('alice'), { machine: id, backup: made.id })
    await lookOnce(ports)
    expect(await findRestore(ports.db, id)).toMatchObject({ state: 'done' })
    expect(hash()).toBe(was)
    await remove(ports, asker('alice'), made.id)
    await lookOnce(ports)
    await expect(store.get(String(row?.object))).rejects.toThrow(ObjectMissing)
  })
})
