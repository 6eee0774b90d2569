// The vendors' keys of a machine, each in a sealed file of its own. A key is bound to the address it was entered for:
// whoever changes the address does not get the key sent there.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Vendor } from '@spoq/contracts/model'
import { localKeys, readSealed, removeSealed, SealBroken, writeSealed } from '@spoq/kit/sealed-file'

export interface ModelKeys {
  /** The key for a vendor's address; null when there is none. @throws SealBroken when it is another's, or damaged. */
  read(vendor: Vendor, url: string): Promise<string | null>
  write(vendor: Vendor, url: string, key: string): Promise<void>
  remove(vendor: Vendor): void
}

/** @param machine whose keys they are: a file that is carried to another machine does not open there. */
export function modelKeys(folder: string, machine: string): ModelKeys {
  const place = join(folder, 'model-keys')
  mkdirSync(place, { recursive: true, mode: 0o700 })
  const wrapper = localKeys(join(place, 'kek.json'))
  const file = (vendor: Vendor) => join(place, `${vendor}.sealed`)
  const binding = (vendor: Vendor, url: string) => ({ owner: machine, name: vendor, purpose: `model key for ${url}` })
  return {
    read: async (vendor, url) =>
      (await readSealed(file(vendor), binding(vendor, url), wrapper))?.toString('utf8') ?? null,
    write: (vendor, url, key) => writeSealed(file(vendor), Buffer.from(key), binding(vendor, url), wrapper),
    remove: vendor => removeSealed(file(vendor)),
  }
}

export const isBroken = (error: unknown): error is SealBroken => error instanceof SealBroken
