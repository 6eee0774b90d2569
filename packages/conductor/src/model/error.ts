// What a failed model call is told as, and whether another try makes sense.

import { type ErrorCode, SpoqError } from '@spoq/contracts/problem'

/**
 * What to do about it: `retry` the same model, go on with the `next` one of the list, or `end`. A refusal ends: another
 * try would be answered the same, and another model would hide it.
 */
export type Remedy = 'retry' | 'next' | 'end'

/** A model call that failed. */
export class ModelFailure extends SpoqError {
  readonly remedy: Remedy
  /** How long the vendor asks to wait, in ms. */
  readonly waitMs: number | null

  constructor(code: ErrorCode, message: string, remedy: Remedy, waitMs: number | null = null) {
    super(code, { message, ...(waitMs === null ? {} : { retryAfter: Math.ceil(waitMs / 1000) }) })
    this.remedy = remedy
    this.waitMs = waitMs
  }
}

/** What is read of the SDK's errors; their classes would load the whole SDK. */
interface Failure {
  name?: string
  message?: string
  statusCode?: number
  responseHeaders?: Record<string, string>
  /** Of the error that wraps several tries. */
  lastError?: Failure
  cause?: unknown
}

/**
 * The error of a failed model call: refused by the model, cut after it had begun to answer, or failed. Its message is
 * the vendor's own, on one line and without the key.
 */
export function modelError(error: unknown, begun: boolean, secret: string | null): ModelFailure {
  if (error instanceof ModelFailure) return error
  const failure = unwrap(error as Failure)
  const silent = silenceIn(failure)
  const said = oneLine((silent ?? inside(failure)).message ?? 'no reason was given', secret)
  if (begun) return new ModelFailure('model_cut', `The model's answer was cut off in the middle: ${said}`, 'end')
  if (isTooLong(failure, said))
    return new ModelFailure('context_too_long', `The model cannot take that much: ${said}`, 'end')
  if (isRefusal(failure)) return new ModelFailure('model_refused', `The model refused: ${said}`, 'end')
  const remedy = silent ? 'next' : 'retry'
  return new ModelFailure('model_failed', `The model did not answer: ${said}`, remedy, waitOf(failure.responseHeaders))
}

/** The vendor's filter took the answer away. */
export function filtered(reason: string): ModelFailure {
  return new ModelFailure('model_refused', `The model refused to answer (${oneLine(reason, null)}).`, 'end')
}

function unwrap(error: Failure): Failure {
  return error.lastError ? unwrap(error.lastError) : error
}

/** What the SDK says of a stream that broke tells nothing; what it was told does. */
function inside(failure: Failure): Failure {
  const cause = failure.cause as Failure | undefined
  return failure.message === 'Failed to process successful response' && cause?.message ? inside(cause) : failure
}

/** Another try would be answered the same; a time-out or "too many" would not. */
function isRefusal({ statusCode: status, name }: Failure): boolean {
  if (name === 'AI_InvalidPromptError' || name === 'AI_UnsupportedFunctionalityError') return true
  return status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 409 && status !== 429
}

/** Each vendor has its own words for it; the status alone says too little. */
const tooLong =
  /context.?(length|window|size)|(prompt|input|request)( is)? too (long|large)|request_too_large|token count\b.*\bexceeds|input length\b.*\bexceed/i

function isTooLong({ statusCode: status }: Failure, said: string): boolean {
  return (status === undefined || status === 400 || status === 413 || status === 422) && tooLong.test(said)
}

/** Silence is told as such, whatever the SDK makes of it. */
function silenceIn(error: unknown): Failure | null {
  for (let one = error as Failure | undefined; one; one = one.cause as Failure | undefined)
    if (one.name === 'ModelSilent') return one
  return null
}

/** `retry-after` in seconds or as a date; `retry-after-ms` is OpenAI's. */
function waitOf(headers: Record<string, string> = {}): number | null {
  const ms = Number(headers['retry-after-ms'])
  if (headers['retry-after-ms'] && Number.isFinite(ms) && ms >= 0) return ms
  const after = headers['retry-after']
  if (!after) return null
  const seconds = Number(after)
  const until = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(after) - Date.now()
  return Number.isFinite(until) ? Math.max(0, until) : null
}

const longest = 300

function oneLine(text: string, secret: string | null): string {
  const safe = secret ? text.replaceAll(secret, '***') : text
  const line = safe.replace(/\s+/g, ' ').trim()
  return line.length > longest ? `${line.slice(0, longest)}…` : line
}
