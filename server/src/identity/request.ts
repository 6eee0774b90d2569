// What pages and routes of identity read from a request.

import { SpoqError } from '@spoq/contracts/problem'
import type { From } from '../http/from.ts'

export { addressOf } from '../http/from.ts'

/** Where a request came from, for the security log. */
export interface Here {
  from: From
}

/**
 * Refuses a request that another site made with this browser's cookie. Browsers send the Origin with every POST.
 * @throws SpoqError `forbidden`.
 */
export function assertOwnOrigin(request: Request, baseUrl: string): void {
  if (request.headers.get('origin') === baseUrl) return
  throw new SpoqError('forbidden', {
    message: 'This request did not come from a page of this server.',
    next: `Open ${baseUrl} and try again there.`,
  })
}

/** The text fields of a form or of a JSON object; anything else counts as not there. */
export async function fieldsOf(request: Request): Promise<Record<string, string>> {
  const type = request.headers.get('content-type') ?? ''
  const text = await request.clone().text()
  if (!type.startsWith('application/json')) return Object.fromEntries(new URLSearchParams(text))
  try {
    const object = Object(JSON.parse(text)) as Record<string, unknown>
    return Object.fromEntries(Object.entries(object).filter(([, value]) => typeof value === 'string')) as never
  } catch {
    throw new SpoqError('invalid_request', { message: 'The body is not valid JSON.' })
  }
}

/** The same request to another path of this server, with these fields as a form: what OAuth speaks. */
export function asForm(request: Request, path: string, fields: Record<string, unknown>): Request {
  const headers = new Headers(request.headers)
  headers.set('content-type', 'application/x-www-form-urlencoded')
  headers.delete('content-length')
  const body = new URLSearchParams(fields as Record<string, string>).toString()
  return new Request(new URL(path, request.url), { method: 'POST', headers, body })
}

/** A path of this server to go on to; the start page for anything that would lead elsewhere. */
export function ownPath(wanted: string | null | undefined, baseUrl: string): string {
  if (!wanted?.startsWith('/') || !URL.canParse(wanted, baseUrl)) return '/auth/done'
  const url = new URL(wanted, baseUrl)
  return url.origin === baseUrl ? `${url.pathname}${url.search}` : '/auth/done'
}

/** Whether a person is looking, rather than a program. */
export const wantsPage = (request: Request) => (request.headers.get('accept') ?? '').includes('text/html')

/** A refusal in OAuth's form (RFC 6749, section 5.2), for clients that know no other. */
export function oauthRefusal(status: number, error: string, description: string, retryAfter?: number): Response {
  return Response.json(
    { error, error_description: description },
    {
      status,
      headers: { 'cache-control': 'no-store', ...(retryAfter ? { 'retry-after': String(retryAfter) } : {}) },
    },
  )
}
