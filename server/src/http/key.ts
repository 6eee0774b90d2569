import { idempotencyKeyHeader } from '@spoq/contracts/http'
import { InvalidInput } from '@spoq/kit/serve-route'

/** The key by which a repeated request is known; undefined: it came without one. @throws InvalidInput */
export function keyOf(header: (name: string) => string | undefined): string | undefined {
  const key = header(idempotencyKeyHeader)
  if (key !== undefined && !/^[\x21-\x7e]{8,64}$/.test(key))
    throw new InvalidInput(`${idempotencyKeyHeader}: 8 to 64 characters are needed, without spaces`)
  return key
}
