// Key-encryption keys in the transit engine of a Vault: they never leave it. Rotation is Vault's own.

import * as z from 'zod/mini'
import { SealBroken } from './error.ts'
import type { KeyWrapper } from './key-wrapper.ts'

interface Options {
  /** Where Vault listens: `https://vault.example:8200`. */
  url: string
  /** Read at each call, so that it may be renewed. */
  token: () => string
  /** Where the engine is mounted; default `transit`. */
  mount?: string
  /** The name of an AEAD key there, such as aes256-gcm96. */
  key: string
  /** How long a call may take, in ms; default 10,000. */
  patienceMs?: number
  fetch?: typeof fetch
}

const answer = z.object({
  data: z.optional(z.nullable(z.object({ ciphertext: z.optional(z.string()), plaintext: z.optional(z.string()) }))),
  errors: z.optional(z.array(z.string())),
})

/**
 * Wraps by `encrypt` and `decrypt` with `associated_data` (Vault 1.13 and newer). Vault's own `rewrap` takes no
 * associated data, so wrapping anew is both of these. An answer of 400 throws SealBroken, anything else an Error: a
 * Vault that is sealed or away says nothing about a secret.
 */
export function vaultKeys({ url, token, mount = 'transit', key, patienceMs = 10_000, ...rest }: Options): KeyWrapper {
  const send = rest.fetch ?? fetch

  async function call(verb: 'encrypt' | 'decrypt', body: object): Promise<{ ciphertext?: string; plaintext?: string }> {
    const response = await send(`${url.replace(/\/+$/, '')}/v1/${mount}/${verb}/${encodeURIComponent(key)}`, {
      method: 'POST',
      headers: { 'x-vault-token': token(), 'content-type': 'application/json' },
      body: JSON.stringify(body),
      // The token is for this address alone.
      redirect: 'error',
      signal: AbortSignal.timeout(patienceMs),
    })
    const { data, errors } = answer.parse(await response.json())
    if (response.ok && data) return data as { ciphertext?: string; plaintext?: string }
    const said = `Vault answered ${response.status} to ${verb}: ${errors?.join('; ') || 'no reason given'}`
    throw response.status === 400 && verb === 'decrypt' ? new SealBroken(said) : new Error(said)
  }

  return {
    source: 'vault',
    wrap: async (dataKey, aad) => {
      const plain = { plaintext: dataKey.toString('base64'), associated_data: aad.toString('base64') }
      const { ciphertext } = await call('encrypt', plain)
      if (!ciphertext) throw new Error('Vault answered no ciphertext.')
      return ciphertext
    },
    unwrap: async (wrapped, aad) => {
      const { plaintext } = await call('decrypt', { ciphertext: wrapped, associated_data: aad.toString('base64') })
      if (plaintext === undefined) throw new Error('Vault answered no plaintext.')
      return Buffer.from(plaintext, 'base64')
    },
  }
}
