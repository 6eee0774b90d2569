// What every store of backups does.

import { randomBytes } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { ObjectMissing, type ObjectStore } from './object-store.ts'

/** The smallest part that an S3 takes. */
export const partBytes = 5 << 20

/** Holds one to it. */
export function storeSpec(kind: string, open: () => ObjectStore | Promise<ObjectStore>): void {
  test(`${kind}: what was put is there, whole, once; what broke off is not`, async () => {
    const store = await open()
    const name = `mach_x/${randomBytes(6).toString('hex')}`
    for (const length of [1, partBytes, 2 * partBytes + 7]) {
      const bytes = randomBytes(length)
      await store.put(name, chunked(bytes))
      expect((await buffer(await store.get(name))).equals(bytes)).toBe(true)
    }
    const other = `${name}-other`
    await expect(store.put(other, broken())).rejects.toThrow('it broke off')
    await expect(store.get(other)).rejects.toThrow(ObjectMissing)
    await store.remove(name)
    await store.remove(name)
    await expect(store.get(name)).rejects.toThrow(ObjectMissing)
  })
}

export async function* chunked(bytes: Buffer, size = 100_000) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

export async function* broken() {
  yield randomBytes(partBytes + 5)
  throw new Error('it broke off')
}
