// The gateway: machines connect to it, and whoever asks for one of them by its name is led there. It decides about no
// request: a machine takes or refuses every token itself.

import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SpoqError } from '@spoq/contracts/problem'
import { type Limits, openHub } from '@spoq/kit/tunnel'
import type { Log } from '../log.ts'
import { admitter, asksForTunnel } from './admit.ts'
import { answer } from './answer.ts'
import { openBackend } from './backend.ts'
import { keepInCaddy } from './caddy/keep.ts'
import type { Site } from './caddy/site.ts'
import type { CaddyConfig, GatewayConfig } from './config.ts'
import { type HoldLimits, holder, usualHold } from './hold.ts'
import { keepReporting } from './report.ts'
import { openSsh, type SshGateway } from './ssh/open.ts'

export interface Gateway {
  port: number
  /** Where SSH is taken, and by which key it is known; null: it is not. */
  ssh: Pick<SshGateway, 'port' | 'hostKey'> | null
  /** Tells the machines to go elsewhere, and ends when what is under way is answered, or after so many ms. */
  stop(patienceMs: number): Promise<void>
}

interface Ports {
  log: Log
  now: () => number
  limits?: Partial<Limits>
  hold?: Partial<HoldLimits>
}

/** Starts it. @throws SpoqError `port_taken`, `config_invalid` */
export async function startGateway(
  config: GatewayConfig,
  { log, now, limits = {}, hold = {} }: Ports,
): Promise<Gateway> {
  const id = `gateway_${randomBytes(6).toString('hex')}`
  const backend = openBackend(config.backendSocket, id, now)
  const generations = new Map<string, number>()
  const hub = openHub({
    limits,
    changed: (machine, isHere) => {
      log('info', isHere ? 'tunnel.came' : 'tunnel.went', { machine })
      reporting.soon()
    },
  })
  const holders = () => hub.list().map(machine => ({ machine, generation: generations.get(machine) ?? 1 }))
  const reporting = keepReporting({ holders, report: backend.report, cut: hub.cut, log })
  const admit = admitter(backend, ({ machine, generation }, socket, head) => {
    generations.set(machine, generation)
    void hub.accept(machine, socket, head)
  })

  const held = holder({ hub, backend, limits: { ...usualHold, ...hold } })
  const answering = { domain: config.domain, hub, backend, hold: held, log }
  // A wish for any other protocol is not heard: the request is answered as it stands.
  const times = { headersTimeout: 15_000, requestTimeout: 0, shouldUpgradeCallback: asksForTunnel }
  const server = createServer(times, (request, response) => {
    void answer(answering, request, response)
  })
  server.on('upgrade', (request, socket, head) => void admit(request, socket, head))
  await listen(server, config)

  const ssh = config.ssh ? await openSsh(config.ssh, { hub, backend: backend.ssh, now, log }) : null

  const { port } = server.address() as AddressInfo
  const leaveCaddy = config.caddy ? keepInCaddy(config.caddy.url, siteOf(config, config.caddy, port), log) : undefined

  return {
    port,
    ssh,
    async stop(patienceMs) {
      await leaveCaddy?.()
      const closed = new Promise(resolve => server.close(resolve))
      const idle = setInterval(() => server.closeIdleConnections(), 50)
      reporting.stop()
      // First: their machines are reached through the tunnels.
      await ssh?.stop(patienceMs)
      await hub.close(patienceMs)
      const cut = setTimeout(() => server.closeAllConnections(), 500)
      await closed
      clearInterval(idle)
      clearTimeout(cut)
      await backend.forget().catch(() => {})
      await backend.close()
    },
  }
}

function siteOf({ host, domain }: GatewayConfig, { listen, tls, dns, others }: CaddyConfig, port: number): Site {
  const upstream = `${host.includes(':') ? `[${host}]` : host}:${port}`
  return { domain: domain.replace(/:\d+$/, ''), upstream, others, listen, tls, dns }
}

async function listen(server: ReturnType<typeof createServer>, { host, port }: GatewayConfig): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(port, host, resolve)
  await promise.catch((cause: NodeJS.ErrnoException) => {
    const taken = cause.code === 'EADDRINUSE'
    const message = taken ? `Port ${port} of ${host} is taken.` : `Cannot listen on ${host}:${port} (${cause.code}).`
    throw new SpoqError(taken ? 'port_taken' : 'config_invalid', {
      cause,
      message,
      next: 'Choose another with GATEWAY_HOST and GATEWAY_PORT.',
    })
  })
}
