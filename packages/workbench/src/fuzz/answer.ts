// What may be wrong with an answer, whatever was asked.

import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { openAiProblem, speaksOpenAi } from '@spoq/contracts/completion'
import type { Route } from '@spoq/contracts/http'
import { problem } from '@spoq/contracts/problem'
import type { FuzzedRequest } from './request.ts'

interface Answer {
  status: number
  type: string
  text: string
}

/** A line of what must not be; null when nothing is wrong. */
export function wrongWith({ status, type, text }: Answer, request: FuzzedRequest, route: Route | undefined) {
  if (status >= 500 && !isForeseen(text, route)) return `${status}: ${text.slice(0, 300)}`
  if (/node_modules|\bat \S+ \(|postgres|select "/i.test(text)) return `tells of its inside: ${text.slice(0, 300)}`
  if (request.method === 'HEAD' || request.method === 'OPTIONS') return null
  if (status >= 400 && !isProblem(type, text, request.path)) return `no problem: ${text.slice(0, 300)}`
  const isAsked = route?.method.toUpperCase() === request.method && route.status === status && status !== 204
  if (isAsked && type.startsWith('application/json') && !route.answer.safeParse(JSON.parse(text)).success)
    return `another shape than it says: ${text.slice(0, 300)}`
  return null
}

/** What a route says it may answer: that a model on the other side does not is no fault of the server. */
function isForeseen(text: string, route: Route | undefined): boolean {
  const [, code] = /"code":"(\w+)"/.exec(text) ?? []
  return (route?.errors as readonly (string | undefined)[] | undefined)?.includes(code) ?? false
}

function isProblem(type: string, text: string, path: string): boolean {
  if (type.startsWith('application/problem+json')) return problem.safeParse(JSON.parse(text)).success
  // Pages and better-auth's own answers have their own forms.
  return !speaksOpenAi(path) || openAiProblem.safeParse(JSON.parse(text)).success
}

const patienceMs = 30

/** What a stream says at once; then its reader goes away, as readers do. */
export async function beginningOf(body: Readable): Promise<string> {
  let text = ''
  body.on('data', chunk => {
    text += chunk
  })
  body.on('error', () => {})
  const ended = new AbortController()
  await Promise.race([
    once(body, 'end', { signal: ended.signal }).catch(() => {}),
    sleep(patienceMs, undefined, { signal: ended.signal }).catch(() => {}),
  ])
  ended.abort()
  body.destroy()
  return text
}
