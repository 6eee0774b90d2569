// Metrics have a listener of their own, so that nothing outside can ask for them by the public address.

import { SpoqError } from '@spoq/contracts/problem'
import { type Listener, listen } from '../http/listen.ts'
import type { Metrics } from './metrics.ts'

/** Serves `GET /metrics`. @throws SpoqError `port_taken`, `config_invalid`. */
export async function serveMetrics(
  metrics: Metrics,
  { host, port }: { host: string; port: number },
): Promise<Listener> {
  const variables = ['METRICS_HOST', 'METRICS_PORT'] as const
  const listener = await listen(host, port, { variables })
  listener.answer(async request => {
    if (request.method !== 'GET' || new URL(request.url).pathname !== '/metrics')
      return new Response(`${new SpoqError('not_found').message}\n`, { status: 404 })
    const { type, body } = await metrics.text()
    return new Response(body, { headers: { 'content-type': type } })
  })
  return listener
}
