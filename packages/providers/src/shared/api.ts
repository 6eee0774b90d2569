// A provider's JSON API over undici: one request out, a checked answer or a ProviderError back. What can be said for
// certain about a request that failed, whether it may have been done, is decided here for all providers.

import type { IncomingHttpHeaders } from 'node:http'
import { Agent, request } from 'undici'
import type * as z from 'zod/mini'
import { ProviderError } from '../provider.ts'

export interface ApiOptions {
  /** As a person knows it: `Hetzner`. */
  service: string
  /** Where its document's paths start: `https://api.hetzner.cloud/v1`. */
  url: string
  /** The variable that holds the key, named when the key is refused. */
  keyName: string
  /**
   * The headers that authorise a request. Asked again with those that were answered with 401: other ones are tried
   * once, the same ones mean that the key is wrong.
   */
  authorize: (refused?: Authority) => Promise<Authority>
  /** What an error's body says. */
  explain: (body: unknown) => { code?: string | undefined; message?: string | undefined }
  /** Codes of errors that pass by themselves, whatever their status. */
  passing?: readonly string[]
  /** Codes of errors that do not, whatever their status, and what a person is told then. */
  refusing?: Readonly<Record<string, string>>
  /** The header that says when it may be asked again, in seconds of the epoch, where there is no Retry-After. */
  resetHeader?: string
  now: () => number
  /** How long a request may take with its whole answer. */
  timeoutMs: number
}

export type Authority = Readonly<Record<string, string>>

export interface Sent {
  query?: Record<string, string | number | boolean | undefined>
  body?: unknown
  /** Sent as a form instead. */
  form?: Record<string, string>
}

export interface Api {
  /** Sends a request and answers what the shape makes of the answer. @throws ProviderError */
  ask<T extends z.ZodMiniType>(shape: T, method: Method, path: string, sent?: Sent): Promise<z.output<T>>
  /** The same where the answer says nothing. */
  tell(method: Method, path: string, sent?: Sent): Promise<void>
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** No answer of a provider is larger; what is comes from something else. */
const mostBytes = 8 * 1024 * 1024
/** Longest pause that a provider's word is taken for, in ms. */
const mostRetryAfterMs = 3_600_000

export function openApi(options: ApiOptions): Api {
  // Some answers are longer than the headers of a proxy allow for; connections are few, and kept.
  const dispatcher = new Agent({ connections: 8, connect: { timeout: 10_000 }, maxResponseSize: mostBytes })

  async function send(method: Method, path: string, sent: Sent): Promise<string> {
    const authority = await authorized()
    const first = await exchange(method, path, sent, authority)
    const fresh = first.status === 401 ? await authorized(authority) : authority
    const isSame = fresh.authorization === authority.authorization
    const answer = isSame ? first : await exchange(method, path, sent, fresh)
    if (answer.status >= 200 && answer.status < 300) return answer.text
    throw refusalOf(options, answer, method === 'GET')
  }

  /** Whatever goes wrong with it, the request itself was not sent. */
  async function authorized(refused?: Authority): Promise<Authority> {
    try {
      return await options.authorize(refused)
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error
      const { message, retryAfterMs, cause } = error
      const kind = error.kind === 'gone' ? 'refused' : error.kind
      throw new ProviderError(kind, message, { cause, retryAfterMs, undone: true })
    }
  }

  async function exchange(method: Method, path: string, sent: Sent, authority: Authority): Promise<Answer> {
    const body = sent.form ? new URLSearchParams(sent.form).toString() : JSON.stringify(sent.body)
    try {
      const response = await request(addressOf(options.url, path, sent.query), {
        method,
        headers: { accept: 'application/json', ...authority, ...contentType(sent) },
        dispatcher,
        signal: AbortSignal.timeout(options.timeoutMs),
        ...(body === undefined ? {} : { body }),
      })
      const text = await response.body.text()
      return { status: response.statusCode, headers: response.headers, text }
    } catch (error) {
      throw unanswered(options.service, error, method === 'GET')
    }
  }

  return {
    async ask(shape, method, path, sent = {}) {
      const text = await send(method, path, sent)
      const parsed = shape.safeParse(parseJson(text))
      if (parsed.success) return parsed.data
      const cause = new Error(
        parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
      )
      throw new ProviderError('retry', `${options.service} gave an answer that Spoq does not understand.`, {
        cause,
        undone: method === 'GET',
      })
    },
    async tell(method, path, sent = {}) {
      await send(method, path, sent)
    },
  }
}

function addressOf(url: string, path: string, query: Sent['query'] = {}): string {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) if (value !== undefined) search.set(key, String(value))
  return `${url.replace(/\/+$/, '')}${path}${search.size > 0 ? `?${search}` : ''}`
}

function contentType({ form, body }: Sent): Record<string, string> {
  if (form) return { 'content-type': 'application/x-www-form-urlencoded' }
  return body === undefined ? {} : { 'content-type': 'application/json' }
}

interface Answer {
  status: number
  headers: IncomingHttpHeaders
  text: string
}

/** What an answer with an error's status means. */
function refusalOf(options: ApiOptions, { status, headers, text }: Answer, isHarmless: boolean): ProviderError {
  const { service, keyName, explain, passing = [], refusing = {}, now } = options
  const { code, message } = explain(parseJson(text))
  const said = oneLine(message ?? code ?? `status ${status}`)
  const ownWords = code === undefined ? undefined : refusing[code]
  if (ownWords) return new ProviderError('refused', `${service} says no: ${ownWords}`)
  if (status === 401 || status === 403)
    return new ProviderError(
      'refused',
      `${service} refuses the key (${said}). Whoever runs this server has to check ${keyName} and its rights.`,
    )
  if (status === 429) {
    const retryAfterMs = pauseOf(headers['retry-after'] ?? resetOf(options, headers), now())
    return new ProviderError('retry', `${service} asks for a pause (${said}).`, { retryAfterMs, undone: true })
  }
  if (code !== undefined && passing.includes(code))
    return new ProviderError('retry', `${service} is busy with it (${said}).`, { undone: true })
  if (status === 404) return new ProviderError('gone', `${service} has no such thing (${said}).`)
  if (status >= 500 || status === 408)
    return new ProviderError('retry', `${service} has a fault (${said}).`, {
      retryAfterMs: pauseOf(headers['retry-after'], now()),
      undone: isHarmless,
    })
  return new ProviderError('refused', `${service} says no: ${said}`)
}

function resetOf({ resetHeader }: ApiOptions, headers: IncomingHttpHeaders): string | undefined {
  const seconds = Number(resetHeader === undefined ? undefined : headers[resetHeader])
  return Number.isFinite(seconds) ? new Date(seconds * 1_000).toUTCString() : undefined
}

/** Seconds or a date (RFC 9110, 10.2.3), as ms from now. */
function pauseOf(header: unknown, now: number): number | undefined {
  if (typeof header !== 'string') return undefined
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - now
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), mostRetryAfterMs) : undefined
}

/** Before a connection came about nothing can have been done; after that nobody knows. */
function unanswered(service: string, error: unknown, isHarmless: boolean): ProviderError {
  const { code } = error as NodeJS.ErrnoException
  const isUnsent = code !== undefined && unsent.includes(code)
  const what = isUnsent ? 'cannot be reached' : 'did not answer to the end'
  return new ProviderError('retry', `${service} ${what}.`, { cause: error, undone: isUnsent || isHarmless })
}

const unsent = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT']

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A provider's words as one short line. */
function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > 200 ? `${line.slice(0, 199)}…` : line
}
