// The data types of SSH (RFC 4251, section 5).

/** A packet that is not what it says. */
export class Malformed extends Error {
  override readonly name = 'Malformed'
}

/** Reads one value after the other; each throws Malformed where the bytes end before it does. */
export interface Reader {
  byte(): number
  boolean(): boolean
  uint32(): number
  /** Bytes of the packet itself, not a copy. */
  string(): Buffer
  text(): string
  /** Where it stands. */
  at(): number
  isEnd(): boolean
}

/** Reads a payload, from so many bytes on. */
export function reader(payload: Uint8Array, from = 0): Reader {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
  let at = from
  const step = (length: number) => {
    if (length > bytes.length - at) throw new Malformed('a packet ends too early')
    at += length
    return at - length
  }
  const string = () => {
    const length = bytes.readUInt32BE(step(4))
    const start = step(length)
    return bytes.subarray(start, start + length)
  }
  return {
    byte: () => bytes[step(1)] ?? 0,
    boolean: () => bytes[step(1)] !== 0,
    uint32: () => bytes.readUInt32BE(step(4)),
    string,
    text: () => string().toString('utf8'),
    at: () => at,
    isEnd: () => at === bytes.length,
  }
}

export const uint32 = (value: number): Buffer => {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeUInt32BE(value)
  return bytes
}

export const uint64 = (value: bigint): Buffer => {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeBigUInt64BE(value)
  return bytes
}

export const string = (value: Uint8Array | string): Buffer => {
  const length = typeof value === 'string' ? Buffer.byteLength(value) : value.length
  const bytes = Buffer.allocUnsafe(4 + length)
  bytes.writeUInt32BE(length)
  if (typeof value === 'string') bytes.write(value, 4)
  else bytes.set(value, 4)
  return bytes
}

/** A payload of its type and these values; a number is one byte. */
export function packet(type: number, ...values: (Uint8Array | number)[]): Buffer {
  const bytes = Buffer.allocUnsafe(values.reduce<number>((sum, value) => sum + lengthOf(value), 1))
  bytes[0] = type
  let at = 1
  for (const value of values) {
    if (typeof value === 'number') bytes[at] = value
    else bytes.set(value, at)
    at += lengthOf(value)
  }
  return bytes
}

const lengthOf = (value: Uint8Array | number) => (typeof value === 'number' ? 1 : value.length)
