import * as z from 'zod/mini'
import { codes, errorCodes } from './code.ts'
import { SpoqError } from './error.ts'

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
  const { code, detail, title, next, requestId } = answer
  return new SpoqError(code, { message: detail ?? title, next, requestId })
}
