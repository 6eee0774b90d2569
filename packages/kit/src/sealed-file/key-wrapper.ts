/**
 * Wraps data keys under a key-encryption key that never leaves it: a file beside, Vault's transit engine, a cloud's KMS.
 * What `wrap` answers begins with the version it used, `SOURCE:VERSION:`, so that older ones open until they are wrapped
 * anew.
 */
export interface KeyWrapper {
  /** What all that it wraps begins with: `local`, `vault`, `kms`. */
  readonly source: string
  /** Wraps a data key under the newest version. @param aad must be given to `unwrap` again, to the byte. */
  wrap(dataKey: Buffer, aad: Buffer): Promise<string>
  /** @throws SealBroken when it was not wrapped here with this `aad`; any other error says nothing about the secret. */
  unwrap(wrapped: string, aad: Buffer): Promise<Buffer>
}

/** `SOURCE:VERSION` of a wrapped key. */
export const versionOf = (wrapped: string): string => wrapped.split(':', 2).join(':')
