// The vendors' keys of a machine, each in a sealed file of its own, and those of its account, in one. A key is bound to the
// address it was entered for: whoever changes the address does not get the key sent there.

import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type PushedModelKey, pushedModelKey } from '@spoq/contracts/access'
import type { Vendor } from '@spoq/contracts/model'
import { localKeys, readSealed, removeSealed, SealBroken, writeSealed } from '@spoq/kit/sealed-file'
import * as z from 'zod/mini'

export interface ModelKeys {
  /**
   * The key for a vendor's address; null when there is none. The machine's own is taken before the account's.
   * @throws SealBroken when it is another's, or damaged.
   */
  read(vendor: Vendor, url: string): Promise<string | null>
  /** Whether the machine has a key of this vendor of its own, for whatever address. */
  hasOwn(vendor: Vendor): boolean
  write(vendor: Vendor, url: string, key: string): Promise<void>
  remove(vendor: Vendor): void
  /** The account's keys; none when what was kept is damaged: the backend tells them again at the next start. */
  ofAccount(): Promise<readonly PushedModelKey[]>
  /** Replaces all of the account's keys in one. */
  keepOfAccount(keys: readonly PushedModelKey[]): Promise<void>
}

const pushed = z.array(pushedModelKey)

/** @param machine whose keys they are: a file that is carried to another machine does not open there. */
export function modelKeys(folder: string, machine: string): ModelKeys {
  const place = join(folder, 'model-keys')
  mkdirSync(place, { recursive: true, mode: 0o700 })
  const wrapper = localKeys(join(place, 'kek.json'))
  const file = (vendor: Vendor) => join(place, `${vendor}.sealed`)
  const binding = (vendor: Vendor, url: string) => ({ owner: machine, name: vendor, purpose: `model key for ${url}` })
  const accountFile = join(place, 'account.sealed')
  const accountBinding = { owner: machine, name: 'account', purpose: "the account's model keys" }

  async function ofAccount(): Promise<readonly PushedModelKey[]> {
    try {
      const text = await readSealed(accountFile, accountBinding, wrapper)
      return text ? pushed.parse(JSON.parse(text.toString('utf8'))) : []
    } catch (error) {
      if (isBroken(error)) return []
      throw error
    }
  }

  return {
    ofAccount,
    hasOwn: vendor => existsSync(file(vendor)),
    read: async (vendor, url) => {
      const own = await readSealed(file(vendor), binding(vendor, url), wrapper)
      if (own) return own.toString('utf8')
      return (await ofAccount()).find(one => one.vendor === vendor && one.url === url)?.key ?? null
    },
    write: (vendor, url, key) => writeSealed(file(vendor), Buffer.from(key), binding(vendor, url), wrapper),
    remove: vendor => removeSealed(file(vendor)),
    keepOfAccount: async keys => {
      if (keys.length === 0) return removeSealed(accountFile)
      await writeSealed(accountFile, Buffer.from(JSON.stringify(keys)), accountBinding, wrapper)
    },
  }
}

export const isBroken = (error: unknown): error is SealBroken => error instanceof SealBroken
