import * as z from 'zod/mini'
import { codes, type ErrorCode, type ExitStatus, errorCodes } from './code.ts'

/** An error as it crosses a wire: problem details of RFC 9457, with our stable `code` and what to do `next`. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  code: z.enum(errorCodes),
  detail: z.optional(z.string()),
  next: z.string(),
  requestId: z.optional(z.string()),
})
export type Problem = z.infer<typeof problem>

/** The media type of a problem (RFC 9457, section 3). */
export const problemType = 'application/problem+json'

interface Said {
  /** What happened here, in one line without a secret in it. Default: the code's title. */
  message?: string
  /** What the person can do about it here. Default: the code's. */
  next?: string
  cause?: unknown
  /** Seconds after which another try makes sense; goes into Retry-After. */
  retryAfter?: number
}

/**
 * The one error class of Spoq: a stable code, one line of what happened, one line of what to do. Everything else that
 * is thrown is a fault of ours and is shown as `internal`.
 */
export class SpoqError extends Error {
  override readonly name = 'SpoqError'
  readonly code: ErrorCode
  readonly next: string
  readonly retryAfter: number | undefined

  constructor(code: ErrorCode, said: Said = {}) {
    super(said.message ?? codes[code].title, { cause: said.cause })
    this.code = code
    this.next = said.next ?? codes[code].next
    this.retryAfter = said.retryAfter
  }

  get status(): number {
    return codes[this.code].http
  }

  get exit(): ExitStatus {
    return codes[this.code].exit
  }
}

/** What a server answers for an error; anything but a SpoqError becomes `internal`, with nothing of its text. */
export function toProblem(error: unknown, requestId?: string): Problem {
  const known = error instanceof SpoqError ? error : new SpoqError('internal')
  return {
    type: `https://spoq.dev/problems/${known.code}`,
    title: codes[known.code].title,
    status: known.status,
    code: known.code,
    detail: known.message,
    next: known.next,
    ...(requestId ? { requestId } : {}),
  }
}

/** The error that a problem stands for, to be thrown again on the other side of the wire. */
export function fromProblem(answer: Problem): SpoqError {
  return new SpoqError(answer.code, { message: answer.detail ?? answer.title, next: answer.next })
}
