// What a failed model call is told as.

import { SpoqError } from '@spoq/contracts/problem'

/** What is read of the SDK's errors; their classes would load the whole SDK. */
interface Failure {
  message?: string
  statusCode?: number
  /** Of the error that wraps several tries. */
  lastError?: Failure
  cause?: { code?: string; cause?: { code?: string } }
}

/**
 * The error of a failed model call: refused by the model, cut after it had begun to answer, or failed. Its message is
 * the provider's own, on one line and without the key.
 */
export function modelError(error: unknown, begun: boolean, secret: string | null): SpoqError {
  const failure = unwrap(error as Failure)
  const said = oneLine(failure.message ?? 'no reason was given', secret)
  if (begun) return new SpoqError('model_cut', { message: `The model's answer was cut off in the middle: ${said}` })
  if (isRefusal(failure.statusCode)) return new SpoqError('model_refused', { message: `The model refused: ${said}` })
  return new SpoqError('model_failed', { message: `The model did not answer: ${said}` })
}

function unwrap(error: Failure): Failure {
  return error.lastError ? unwrap(error.lastError) : error
}

/** Another try would be answered the same; a time-out or "too many" would not. */
function isRefusal(status: number | undefined): boolean {
  return status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429
}

const longest = 300

function oneLine(text: string, secret: string | null): string {
  const safe = secret ? text.replaceAll(secret, '***') : text
  const line = safe.replace(/\s+/g, ' ').trim()
  return line.length > longest ? `${line.slice(0, longest)}…` : line
}
