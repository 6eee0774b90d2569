// The fields of an SSH blob, one after the other: each has its length in four bytes before it.

import { KeyRefused } from './refused.ts'

export class Fields {
  readonly #blob: Buffer
  #at = 0

  constructor(blob: Uint8Array) {
    this.#blob = Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength)
  }

  /** @throws KeyRefused when the blob ends before. */
  bytes(): Buffer {
    const rest = this.#blob.length - this.#at
    const length = rest < 4 ? Number.POSITIVE_INFINITY : this.#blob.readUInt32BE(this.#at)
    if (length > rest - 4) throw new KeyRefused('a key that is cut off')
    const field = this.#blob.subarray(this.#at + 4, this.#at + 4 + length)
    this.#at += 4 + length
    return field
  }

  text(): string {
    return this.bytes().toString('latin1')
  }

  /** A number above 0 in the one form there is for it: another would be the same key with another fingerprint. */
  positive(): bigint {
    const bytes = this.bytes()
    const [first = 0, second = 0] = bytes
    const isPadded = first === 0 && second < 0x80
    if (bytes.length === 0 || first >= 0x80 || isPadded) throw new KeyRefused('a key with a number in a wrong form')
    return BigInt(`0x${bytes.toString('hex')}`)
  }

  /** @throws KeyRefused when something follows. */
  end(): void {
    if (this.#at < this.#blob.length) throw new KeyRefused('a key with more behind it')
  }
}
