import { codes, type ErrorCode, type ExitStatus } from './code.ts'

interface Said {
  /** What happened here, in one line without a secret in it. Default: the code's title. */
  message?: string
  /** What the person can do about it here. Default: the code's. */
  next?: string
  cause?: unknown
  /** Seconds after which another try makes sense; goes into Retry-After. */
  retryAfter?: number
  /** The request in whose log lines more is said. */
  requestId?: string | undefined
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
  readonly requestId: string | undefined

  constructor(code: ErrorCode, said: Said = {}) {
    super(said.message ?? codes[code].title, { cause: said.cause })
    this.code = code
    this.next = said.next ?? codes[code].next
    this.retryAfter = said.retryAfter
    this.requestId = said.requestId
  }

  get status(): number {
    return codes[this.code].http
  }

  get exit(): ExitStatus {
    return codes[this.code].exit
  }
}
