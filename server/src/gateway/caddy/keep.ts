// Keeps the gateway's site in the configuration of the Caddy before it: looked at now and then, as a Caddy that started anew
// may have forgotten it. A change has Caddy load all of it anew, so that there is one where something differs and else
// none; machines that come and go change nothing there.

import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { type Log, textOf } from '../../log.ts'
import { type Site, withSite } from './site.ts'

const everyMs = 5_000
const patienceMs = 20_000

/** Begins to; answers how to end that. `url`: of the admin API. */
export function keepInCaddy(url: string, site: Site, log: Log): () => Promise<void> {
  const ended = new AbortController()
  let said = ''
  const say = (level: 'info' | 'warn', message: string, error = '') => {
    if (said !== message + error) log(level, message, { url, ...(error ? { error } : {}) })
    said = message + error
  }
  async function keep(): Promise<void> {
    while (!ended.signal.aborted) {
      await bring(url, site).then(
        () => say('info', 'caddy.kept'),
        error => say('warn', 'caddy.not-kept', textOf(error)),
      )
      await sleep(everyMs, undefined, { signal: ended.signal }).catch(() => {})
    }
  }
  const keeping = keep()
  return async () => {
    ended.abort()
    await keeping
  }
}

/** All in one, and only if nobody changed anything since it was read. */
async function bring(url: string, site: Site): Promise<void> {
  const { etag, config } = await ask(url, 'GET')
  const wanted = withSite(config, site)
  if (!isDeepStrictEqual(config, wanted)) await ask(url, 'POST', wanted, etag)
}

async function ask(url: string, method: 'GET' | 'POST', body?: unknown, etag?: string | null) {
  const response = await fetch(new URL('/config/', url), {
    method,
    headers: { 'content-type': 'application/json', ...(etag ? { 'if-match': etag } : {}) },
    signal: AbortSignal.timeout(patienceMs),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`Caddy answered ${response.status}: ${text.slice(0, 300)}`)
  return { etag: response.headers.get('etag'), config: text.trim() === '' ? null : (JSON.parse(text) as unknown) }
}
