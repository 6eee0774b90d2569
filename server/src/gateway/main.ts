// The gateway as a process: `node gateway/main.ts [--json]`, behind a Caddy that has the certificates. Its configuration is
// the environment (`config.ts`); it has no database and holds no secret.

import { once } from 'node:events'
import { SpoqError } from '@spoq/contracts/problem'
import { collectInPlace } from '@spoq/kit/ssh-relay'
import { openLog } from '../log.ts'
import { readGatewayConfig } from './config.ts'
import { startGateway } from './gateway.ts'

/** What takes longer to answer is cut; its reader asks again. */
const stopPatienceMs = 10_000

async function main(): Promise<void> {
  collectInPlace()
  const config = readGatewayConfig(process.env)
  const log = openLog(config.logLevel, line => process.stderr.write(line), Date.now)
  const gateway = await startGateway(config, { log, now: Date.now })
  const signalled = Promise.race(['SIGTERM', 'SIGINT'].map(name => once(process, name).then(() => name)))
  const { host } = config
  const ready = {
    gateway: `http://${host.includes(':') ? `[${host}]` : host}:${gateway.port}`,
    domain: config.domain,
    ...(gateway.ssh ? { ssh: gateway.ssh } : {}),
  }
  const isJson = process.argv.includes('--json')
  process.stdout.write(isJson ? `${JSON.stringify(ready)}\n` : `Ready at ${ready.gateway} for *.${ready.domain}\n`)
  const signal = await signalled
  await gateway.stop(stopPatienceMs)
  process.exitCode = signal === 'SIGINT' ? 130 : 0
}

/** One line of what happened and one of what to do; a fault of ours shows its stack only when asked. */
function explain(thrown: unknown): void {
  const { message, next, exit } = thrown instanceof SpoqError ? thrown : new SpoqError('internal', { cause: thrown })
  process.stderr.write(`${message}\n${next}\n`)
  if (process.env.DEBUG) console.error(thrown)
  process.exit(exit)
}

void main().catch(explain)
