// Answers and errors as Stripe sends them.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type * as z from 'zod'
import type { Kept } from './idempotency.ts'
import { StripeRefusal } from './refusal.ts'
import { newId } from './world.ts'

export const broken = { type: 'api_error', message: 'An unknown error occurred.' }
export const tooMany = { type: 'invalid_request_error', code: 'rate_limit', message: 'Request rate limit exceeded.' }
export const unknownUrl = (request: IncomingMessage, url: URL) => ({
  type: 'invalid_request_error' as const,
  message: `Unrecognized request URL (${request.method}: ${url.pathname}).`,
})

export const failed = (status: number, error: object): Kept => ({ status, text: JSON.stringify({ error }) })

/** What a shape found wrong first, in Stripe's words. */
export function refusalOf(error: z.ZodError): StripeRefusal {
  const [issue] = error.issues
  const at = issue?.path ?? []
  const type = 'invalid_request_error' as const
  if (issue?.code === 'unrecognized_keys') {
    const param = paramOf([...at, issue.keys[0] ?? ''])
    return new StripeRefusal(400, {
      type,
      code: 'parameter_unknown',
      param,
      message: `Received unknown parameter: ${param}`,
    })
  }
  const param = paramOf(at)
  if (issue?.code === 'invalid_type' && issue.input === undefined && issue.message.includes('undefined'))
    return new StripeRefusal(400, {
      type,
      code: 'parameter_missing',
      param,
      message: `Missing required param: ${param}.`,
    })
  const message = `${issue?.message ?? 'Invalid'}: ${param}`
  const code = issue?.message === 'Invalid integer' ? { code: 'parameter_invalid_integer' } : {}
  return new StripeRefusal(400, { type, param, message, ...code })
}

const paramOf = ([first, ...rest]: readonly PropertyKey[]) =>
  `${String(first ?? '')}${rest.map(one => `[${String(one)}]`).join('')}`

export function send(
  response: ServerResponse,
  { status, text }: Kept,
  { id, replayed, retry }: { id?: string; replayed?: boolean; retry?: boolean },
): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'request-id': id ?? newId('req'),
    ...(replayed ? { 'idempotent-replayed': 'true' } : {}),
    // A fault would be answered again: Stripe says so.
    ...(retry === false ? { 'stripe-should-retry': 'false' } : {}),
  })
  response.end(text)
}
