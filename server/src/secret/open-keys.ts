// The key service of a backend, by its configuration: keys in a file, or in Vault with the file for what was sealed before.

import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { SpoqError } from '@spoq/contracts/problem'
import { type KeyWrapper, keyRing, type LocalKeys, localKeys, SealBroken, vaultKeys } from '@spoq/kit/sealed-file'
import { type Log, textOf } from '../log.ts'

export interface KeyPlace {
  /** Of the keys in a file. */
  kekFile: string
  /** Null: the file's keys are used. */
  vault: { url: string; mount: string; key: string; token: string | null; tokenFile: string | null } | null
}

export interface OpenedKeys {
  keys: KeyWrapper
  local: LocalKeys
}

/** Opens it; nothing is asked yet. What is not a broken seal is logged, and told as `unavailable`. */
export function openKeys({ kekFile, vault }: KeyPlace, log: Log): OpenedKeys {
  const local = localKeys(kekFile, { make: false })
  if (!vault) return { keys: telling(keyRing(local), log), local }
  const { url, mount, key, token, tokenFile } = vault
  const read = () => token ?? readFileSync(tokenFile ?? '', 'utf8').trim()
  return { keys: telling(keyRing(vaultKeys({ url, mount, key, token: read }), local), log), local }
}

/** Makes the first key of a file that never was. @throws SpoqError `config_invalid` where nothing can be written. */
export function makeFirst(local: LocalKeys, file: string): void {
  if (existsSync(file)) return
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    local.rotate()
  } catch (cause) {
    throw new SpoqError('config_invalid', {
      cause,
      message: `KEK_FILE: ${file} cannot be made (${(cause as NodeJS.ErrnoException).code})`,
      next: 'Name a file in a folder that this backend may write to, or keep the keys in Vault: VAULT_TRANSIT_KEY.',
    })
  }
}

function telling(keys: KeyWrapper, log: Log): KeyWrapper {
  const ask = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (cause) {
      if (cause instanceof SealBroken) throw cause
      log('error', 'secret.keys-away', { source: keys.source, error: textOf(cause) })
      const message = 'The key service of the server does not answer.'
      throw new SpoqError('unavailable', { cause, message, next: 'Try again in a minute.', retryAfter: 60 })
    }
  }
  return {
    source: keys.source,
    wrap: (dataKey, aad) => ask(() => keys.wrap(dataKey, aad)),
    unwrap: (wrapped, aad) => ask(() => keys.unwrap(wrapped, aad)),
  }
}
