import * as z from 'zod/mini'

/** An identifier of ours: a kind and a random part, `mach_4f…`. Never a number that counts. */
export const id = (kind: string) => z.string().check(z.regex(new RegExp(`^${kind}_[a-z0-9]{16,32}$`)))

/** A moment, ISO 8601 in UTC with milliseconds: `2026-11-21T10:00:00.000Z`. */
export const instant = z.iso.datetime()

/** The shape of an answer without a body. */
export const nothing = z.undefined()

/** A client sends it with a POST that makes something, so that a repeated request makes it once. 8 to 64 characters. */
export const idempotencyKeyHeader = 'idempotency-key'

/** Goes through CLI, backend and Conductor, and stands in every log line and audit record. */
export const requestIdHeader = 'x-request-id'

/** A request id that a client chose: harmless in a log, and long enough to be found there. */
export const requestIdForm = /^[\w-]{8,64}$/
