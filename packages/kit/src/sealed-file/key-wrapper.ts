/**
 * Wraps data keys under a key-encryption key that never leaves it: a file beside, Vault's transit engine, a cloud's KMS.
 * What `wrap` answers names the version it used, so that older ones open until they are wrapped anew.
 */
export interface KeyWrapper {
  /** Wraps a data key under the newest version. @param aad must be given to `unwrap` again, to the byte. */
  wrap(dataKey: Buffer, aad: Buffer): Promise<string>
  /** @throws SealBroken when it was not wrapped here with this `aad`. */
  unwrap(wrapped: string, aad: Buffer): Promise<Buffer>
}
