// Sends made-up requests to a real server and looks at what comes back, and at what stays behind in memory.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { Pool } from 'undici'
import { allRoutes } from '../access/contracts.ts'
import { beginningOf, wrongWith } from './answer.ts'
import { type FuzzedRequest, requests } from './request.ts'
import type { Target } from './target.ts'

export interface Findings {
  sent: number
  /** Answers by their status. */
  statuses: Record<number, number>
  /** What must not be, with the request that brought it about. */
  faults: { why: string; request: FuzzedRequest }[]
  /** Faults that the server itself logged. */
  logged: string[]
  /** Bytes after each window of requests, with nothing left to be collected. */
  windows: { heap: number; rss: number }[]
}

interface Amount {
  seed: number
  count: number
  windows: number
}

const inFlight = 8

/** Sends so many requests, in windows of equal size. The same seed sends the same requests to things with new ids. */
export async function fuzz(target: Target, { seed, count, windows }: Amount): Promise<Findings> {
  const { logged } = target
  const routes = await allRoutes()
  const findings: Findings = { sent: 0, statuses: {}, faults: [], logged, windows: [] }
  const connect = target.socket ? { connect: { socketPath: target.socket } } : {}
  const pool = new Pool(target.url, { connections: inFlight, headersTimeout: 30_000, ...connect })
  const collect = garbageCollector()

  async function send(request: FuzzedRequest): Promise<void> {
    findings.sent += 1
    target.step?.()
    const fault = (why: string) => findings.faults.push({ why, request: shortened(request) })
    try {
      const { statusCode, headers, body } = await ask(request)
      const type = String(headers['content-type'] ?? '')
      const text = type.startsWith('text/event-stream') ? await beginningOf(body) : await body.text()
      findings.statuses[statusCode] = (findings.statuses[statusCode] ?? 0) + 1
      const why = wrongWith({ status: statusCode, type, text }, request, routes[request.operation])
      if (why) fault(why)
    } catch (error) {
      fault(`no answer: ${error}`)
    }
  }

  /** A server may close a connection between two requests: that the second goes unheard on each of them once is no fault. */
  async function ask(request: FuzzedRequest) {
    for (let tries = 0; ; tries++)
      try {
        return await pool.request({ ...request, method: request.method as 'GET' })
      } catch (error) {
        if (tries === inFlight) throw error
      }
  }

  const size = Math.ceil(count / windows)
  for (let window = 0; window < windows; window++) {
    const arbitrary = requests(target.operations, await target.known())
    const waiting = fc.sample(arbitrary, { numRuns: size, seed: seed + window })
    const work = async () => {
      for (let next = waiting.pop(); next; next = waiting.pop()) await send(next)
    }
    await Promise.all(Array.from({ length: inFlight }, work))
    collect()
    const { heapUsed, rss } = process.memoryUsage()
    findings.windows.push({ heap: heapUsed, rss })
  }
  const health = await pool.request({ method: 'GET', path: '/health' })
  await health.body.dump()
  if (health.statusCode !== 200) logged.push(`after all, /health answers ${health.statusCode}`)
  if ('polluted' in {}) logged.push('the prototype of all objects was changed')
  await pool.close()
  return findings
}

/** As it is told: what is long is long of one letter. */
function shortened(request: FuzzedRequest): FuzzedRequest {
  const short = (text: string) => (text.length > 300 ? `${text.slice(0, 300)}… (${text.length})` : text)
  const { path, headers, body } = request
  return { ...request, path: short(path), headers: headers.map(short), body: body && short(body.toString()) }
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
