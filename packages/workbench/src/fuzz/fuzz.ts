// Sends made-up requests to a real backend and looks at what comes back, and at what stays behind in memory.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { problem } from '@spoq/contracts/problem'
import { tokenScopes } from '@spoq/contracts/token'
import fc from 'fast-check'
import { Pool } from 'undici'
import { allRoutes } from '../access/contracts.ts'
import { operationsOf } from '../access/operations.ts'
import { startWorld } from '../access/world.ts'
import { type FuzzedRequest, type Known, requests } from './request.ts'

export interface Findings {
  sent: number
  /** Answers by their status. */
  statuses: Record<number, number>
  /** What must not be, with the request that brought it about. */
  faults: { why: string; request: FuzzedRequest }[]
  /** Faults that the backend itself logged. */
  logged: string[]
  /** Bytes after each window of requests, with nothing left to be collected. */
  windows: { heap: number; rss: number }[]
}

const inFlight = 8
/** The backend's clock leaps so far at each request, so that what is asked is not refused for its number. */
const leapMs = 120

/** Sends so many requests, in windows of equal size. The same seed sends the same requests to things with new ids. */
export async function fuzz({
  seed,
  count,
  windows,
}: {
  seed: number
  count: number
  windows: number
}): Promise<Findings> {
  const logged: string[] = []
  let leapt = 0
  const now = () => Date.now() + leapt
  await using world = await startWorld((level, event, fields) => {
    if (level === 'error') logged.push(JSON.stringify({ event, ...fields }))
  }, now)
  const owner = await world.register('olivia')
  const other = await world.register('mallory')
  const known: Known = {
    ids: {},
    credentials: [
      owner.headers,
      { authorization: `Bearer ${await owner.token(tokenScopes)}` },
      { authorization: `Bearer ${await other.token(tokenScopes)}` },
      other.headers,
    ],
  }
  const operations = operationsOf(await (await fetch(`${world.url}/openapi.json`)).json())
  for (const name of new Set(operations.flatMap(({ params }) => params)))
    known.ids[name] = [await owner.make(name), await owner.make(name), await other.make(name)]
  const routes = await allRoutes()
  const findings: Findings = { sent: 0, statuses: {}, faults: [], logged, windows: [] }
  const pool = new Pool(world.url, { connections: inFlight, headersTimeout: 30_000 })
  const collect = garbageCollector()

  async function send(request: FuzzedRequest): Promise<void> {
    findings.sent += 1
    leapt += leapMs
    try {
      const { statusCode, headers, body } = await ask(request).catch(() => ask(request))
      const text = await body.text()
      findings.statuses[statusCode] = (findings.statuses[statusCode] ?? 0) + 1
      const why = wrongWith(statusCode, String(headers['content-type'] ?? ''), text, request)
      if (why) findings.faults.push({ why, request })
    } catch (error) {
      findings.faults.push({ why: `no answer: ${error}`, request })
    }
  }

  /** A server may close a connection between two requests; that the second goes unheard once is no fault. */
  function ask(request: FuzzedRequest) {
    return pool.request({ ...request, method: request.method as 'GET' })
  }

  function wrongWith(status: number, type: string, text: string, { operation, method }: FuzzedRequest): string | null {
    if (status >= 500) return `${status}: ${text.slice(0, 300)}`
    if (/node_modules|\bat \S+ \(|postgres|select "/i.test(text)) return `tells of its inside: ${text.slice(0, 300)}`
    if (method === 'HEAD' || method === 'OPTIONS') return null
    if (type.startsWith('application/problem+json') && !problem.safeParse(JSON.parse(text)).success)
      return `no problem: ${text.slice(0, 300)}`
    const route = routes[operation]
    const isAsked = route?.method.toUpperCase() === method && route.status === status && status !== 204
    if (isAsked && type.startsWith('application/json') && !route.answer.safeParse(JSON.parse(text)).success)
      return `another shape than it says: ${text.slice(0, 300)}`
    return null
  }

  const arbitrary = requests(operations, known)
  const size = Math.ceil(count / windows)
  for (let window = 0; window < windows; window++) {
    const waiting = fc.sample(arbitrary, { numRuns: size, seed: seed + window })
    const work = async () => {
      for (let next = waiting.pop(); next; next = waiting.pop()) await send(next)
    }
    await Promise.all(Array.from({ length: inFlight }, work))
    collect()
    const { heapUsed, rss } = process.memoryUsage()
    findings.windows.push({ heap: heapUsed, rss })
  }
  const health = await fetch(`${world.url}/health`)
  if (health.status !== 200) logged.push(`after all, /health answers ${health.status}`)
  if ('polluted' in {}) logged.push('the prototype of all objects was changed')
  await pool.close()
  return findings
}

/** Bytes that stay behind for each request: the slope of a line through the windows, without the first ones. */
export function growth(values: number[], perWindow: number, skip: number): number {
  const points = values.slice(skip)
  const middle = (points.length - 1) / 2
  const mean = points.reduce((sum, value) => sum + value, 0) / points.length
  const over = points.reduce((sum, value, at) => sum + (at - middle) * (value - mean), 0)
  const under = points.reduce((sum, _, at) => sum + (at - middle) ** 2, 0)
  return over / under / perWindow
}

/** V8's own, which a test has only when it asks for it. */
function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}
