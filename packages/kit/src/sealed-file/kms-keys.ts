// Key-encryption keys in a cloud's KMS: they never leave it. What a cloud's own client has to do stands in `Kms`.

import { fromBase64 } from './base64.ts'
import { SealBroken } from './error.ts'
import type { KeyWrapper } from './key-wrapper.ts'

/**
 * One symmetric key of a KMS, by its cloud's client. AWS: `Encrypt` and `Decrypt` with the AAD in base64 as the one entry of
 * the EncryptionContext, and the key's ARN as the version (AWS keeps its versions to itself). Google Cloud: `encrypt` and
 * `decrypt` with `additionalAuthenticatedData`, and the `name` that `encrypt` answers as the version. Azure: `wrapKey` takes no
 * AAD, so AES-GCM under `encrypt` of a managed HSM's oct key.
 */
export interface Kms {
  /** @returns `version`: of the key that was used, whatever `decrypt` needs to find it again. */
  encrypt(plain: Buffer, aad: Buffer): Promise<{ version: string; ciphertext: Buffer }>
  /** @throws SealBroken when the KMS says that this is not its ciphertext with this AAD; else whatever went wrong. */
  decrypt(version: string, ciphertext: Buffer, aad: Buffer): Promise<Buffer>
}

/** Wraps data keys by a KMS. */
export function kmsKeys(kms: Kms): KeyWrapper {
  return {
    source: 'kms',
    wrap: async (dataKey, aad) => {
      const { version, ciphertext } = await kms.encrypt(dataKey, aad)
      return `kms:${Buffer.from(version).toString('base64url')}:${ciphertext.toString('base64')}`
    },
    unwrap: async (wrapped, aad) => {
      const [, version, ciphertext] = /^kms:([\w-]+):([^:]+)$/.exec(wrapped) ?? []
      if (!version || !ciphertext) throw new SealBroken('What is sealed here was not wrapped by a KMS.')
      return kms.decrypt(Buffer.from(version, 'base64url').toString(), fromBase64(ciphertext), aad)
    },
  }
}
