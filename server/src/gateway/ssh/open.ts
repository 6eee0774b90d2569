// SSH of a gateway: its listener, who is connected, and what ends them: a key that was revoked, a restart.

import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { SpoqError } from '@spoq/contracts/problem'
import { installed, openSlabs } from '@spoq/kit/ssh-relay'
import type { Hub } from '@spoq/kit/tunnel'
import type { Log } from '../../log.ts'
import type { SshBackend } from './backend.ts'
import { countFailures } from './failures.ts'
import { openSshKeys, type SshKeys } from './keys.ts'
import type { Questions } from './question.ts'
import { serveSession } from './session.ts'

export interface SshConfig {
  host: string
  port: number
  /** Where its keys stand. */
  keyFolder: string
}

export interface SshGateway {
  port: number
  /** `type base64` */
  hostKey: string
  /** Takes nobody any more, and ends who is connected after so many ms. */
  stop(patienceMs: number): Promise<void>
}

interface Ports {
  hub: Pick<Hub, 'open'>
  backend: SshBackend
  now: () => number
  log: Log
  limits?: Partial<SshLimits>
}

export interface SshLimits {
  /** Connections that are not let in yet, of one address and in all. */
  knockingAnAddress: number
  knocking: number
  /** Of these, those who wait to be let in by words. */
  questions: number
  /** How often the backend is asked who may stay, in ms. */
  reportMs: number
}

const usualLimits: SshLimits = {
  knockingAnAddress: 20,
  knocking: 500,
  questions: 200,
  reportMs: 2_000,
}

/** Starts it. @throws SpoqError `port_taken`, `config_invalid`; Error where this Node cannot do it at speed. */
export async function openSsh(
  config: SshConfig,
  { hub, backend: asked, now, log, ...ports }: Ports,
): Promise<SshGateway> {
  const limits = { ...usualLimits, ...ports.limits }
  const library = installed()
  const keys = openSshKeys(config.keyFolder)
  const hostKey = library.readHostKey(keys.hostKey)
  const backend = announcing(asked, keys)
  const [slabs, failures] = [openSlabs(), countFailures(now)]
  const questions = atMost(limits.questions)
  const knocking = new Map<Socket, string>()
  const live = new Map<string, (why: string) => void>()
  const sessions = new Set<Promise<void>>()

  const server = createServer({ noDelay: true }, socket => {
    const address = socket.remoteAddress ?? ''
    const same = [...knocking.values()].filter(other => other === address).length
    if (failures.isBarred(address))
      return turnAway(socket, 'Too many failed tries from there. Try again in ten minutes.')
    if (same >= limits.knockingAnAddress || knocking.size >= limits.knocking)
      return turnAway(socket, 'Too many connections at a time. Try again in a moment.')
    knocking.set(socket, address)
    const began = (session: string, cut: (why: string) => void) => {
      knocking.delete(socket)
      live.set(session, cut)
      return () => void live.delete(session)
    }
    const served = serveSession(
      { ...{ library, slabs, keys, hostKey, hub, backend, failures, questions, now, log }, began },
      socket,
    ).finally(() => {
      knocking.delete(socket)
      sessions.delete(served)
    })
    sessions.add(served)
  })
  server.listen(config.port, config.host)
  await once(server, 'listening').catch(cause => {
    const next = 'Choose another with GATEWAY_SSH_LISTEN.'
    const taken = cause.code === 'EADDRINUSE'
    throw new SpoqError(taken ? 'port_taken' : 'config_invalid', {
      cause,
      next,
      message: `${config.host}:${config.port}: ${cause.code}`,
    })
  })

  const stopReporting = keepReporting({ live, backend, log, everyMs: limits.reportMs })
  return {
    port: (server.address() as AddressInfo).port,
    hostKey: keys.lines.hostKey,
    async stop(patienceMs) {
      const closed = once(server, 'close')
      server.close()
      for (const socket of knocking.keys()) socket.destroy()
      const late = setTimeout(() => {
        for (const cut of live.values()) cut('The gateway starts anew: connect again.')
      }, patienceMs)
      await Promise.all([closed, ...sessions])
      clearTimeout(late)
      stopReporting()
    },
  }
}

function atMost(most: number): Questions {
  let count = 0
  return {
    begin() {
      if (count >= most) return null
      count += 1
      return () => {
        count -= 1
      }
    },
  }
}

/** In words, as some clients show what comes before the protocol. */
function turnAway(socket: Socket, text: string): void {
  socket.on('error', () => {})
  socket.end(`${text}\r\n`)
}

/** A backend knows the gateway's keys before it is asked anything, each time that it was away: it may be another, with other rows. */
function announcing(backend: SshBackend, { lines }: SshKeys): SshBackend {
  let isKnown = false
  const known = async <T>(ask: () => Promise<T>): Promise<T> => {
    try {
      if (!isKnown) await backend.announce(lines)
      isKnown = true
      return await ask()
    } catch (error) {
      const answered = error instanceof SpoqError && error.code !== 'server_unknown'
      if (!answered) isKnown = false
      throw error
    }
  }
  return {
    ...backend,
    enter: knock => known(() => backend.enter(knock)),
    ask: wish => known(() => backend.ask(wish)),
    enterByAnswer: question => known(() => backend.enterByAnswer(question)),
    report: sessions => known(() => backend.report(sessions)),
  }
}

interface Reporting {
  live: ReadonlyMap<string, (why: string) => void>
  backend: SshBackend
  log: Log
  everyMs: number
}

/** Tells who is connected, and ends those who may no longer be. While the backend is away they stay. */
function keepReporting({ live, backend, log, everyMs }: Reporting): () => void {
  let isAway = false
  let coming: NodeJS.Timeout | undefined
  let isOver = false
  const look = async () => {
    try {
      for (const session of await backend.report([...live.keys()])) live.get(session)?.('You may no longer be here.')
      isAway = false
    } catch (error) {
      if (!isAway) log('warn', 'ssh.backend-away', { error: (error as Error).message })
      isAway = true
    }
    if (!isOver) coming = setTimeout(look, everyMs)
  }
  void look()
  return () => {
    isOver = true
    clearTimeout(coming)
  }
}
