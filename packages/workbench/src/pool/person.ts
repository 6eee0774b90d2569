// Somebody who comes to a fleet: signs up, proves the address by the code that was mailed, asks for a machine and asks it.

import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { call } from '@spoq/client/call'
import { overSocket } from '@spoq/client/socket'
import { follow } from '@spoq/client/stream'
import type { Target } from '@spoq/client/target'
import { confirmEmail, sendEmailCode } from '@spoq/contracts/account'
import { idempotencyKeyHeader, pathOf } from '@spoq/contracts/http'
import { oauth } from '@spoq/contracts/login'
import { createMachine, type Machine, showMachine, terminateMachine } from '@spoq/contracts/machine'
import { ask, sessionEvents } from '@spoq/contracts/session'
import { createToken, tokenScopes } from '@spoq/contracts/token'
import { Agent, request } from 'undici'

export interface Place {
  port: number
  /** The backend's own address. */
  origin: string
  socketsDir: string
  dataDir: string
}

export type Person = ReturnType<typeof openPerson>

export function openPerson({ port, origin, socketsDir, dataDir }: Place, at: number) {
  const email = `person${at}@example.com`
  // Each from an address of its own: limits count by address.
  const localAddress = `127.1.${at >> 8}.${(at & 255) + 1}`
  const dispatcher = new Agent({ localAddress, connections: 2 })
  const headers: Record<string, string> = { origin }
  const sockets: ReturnType<typeof overSocket>[] = []

  /** @throws Error for any answer but a success. */
  async function send<T>(method: 'GET' | 'POST' | 'PUT', path: string, body?: object | URLSearchParams): Promise<T> {
    const isForm = body instanceof URLSearchParams
    const answer = await request(`http://127.0.0.1:${port}${path}`, {
      method,
      dispatcher,
      headers: {
        ...headers,
        'content-type': isForm ? 'application/x-www-form-urlencoded' : 'application/json',
        [idempotencyKeyHeader]: randomUUID(),
      },
      ...(method === 'GET' ? {} : { body: isForm ? String(body) : JSON.stringify(body ?? {}) }),
    })
    const text = await answer.body.text()
    if (answer.statusCode >= 300) throw new Error(`${email}: ${path}: ${answer.statusCode} ${text}`)
    const cookies = [answer.headers['set-cookie'] ?? []].flat().map(line => line.split(';')[0])
    if (cookies.length > 0) headers.cookie = cookies.join('; ')
    return (text === '' ? undefined : JSON.parse(text)) as T
  }

  async function signUp(): Promise<void> {
    await send('POST', '/api/auth/register', { email, name: `Person ${at}`, password: 'correct horse battery' })
    await send('POST', sendEmailCode.path)
    await send('POST', confirmEmail.path, { code: await mailedCode(dataDir, email) })
  }

  const show = (machine: string) => send<Machine>('GET', pathOf(showMachine.path, { machine }))

  let known: Promise<{ secret: string }> | undefined
  /** A personal access token. */
  async function secret(): Promise<string> {
    known ??= send('POST', createToken.path, { name: 'fleet', scopes: tokenScopes })
    return (await known).secret
  }

  /** The machine's edge as its owner reaches it: over its socket, with a token for it. */
  async function target(machine: string): Promise<Target> {
    const exchange = new URLSearchParams({
      grant_type: oauth.exchangeGrant,
      client_id: oauth.stockClient,
      subject_token: await secret(),
      subject_token_type: oauth.accessTokenType,
      audience: machine,
    })
    const { access_token } = await send<{ access_token: string }>('POST', '/identity/oauth2/token', exchange)
    const socket = overSocket(join(socketsDir, machine, 'edge.sock'))
    sockets.push(socket)
    return {
      origin: 'http://conductor',
      dispatcher: socket,
      token: async () => access_token,
      unreachable: 'machine_unreachable',
      now: Date.now,
    }
  }

  return {
    send,
    signUp,
    show,
    target,
    secret,
    provision: (asked: object = {}) => send<Machine>('POST', createMachine.path, asked),
    end: (machine: string) => send<Machine>('POST', pathOf(terminateMachine.path, { machine })),
    /** Waits until it runs. @throws Error when it fails. */
    async running(machine: string): Promise<Machine> {
      for (;;) {
        const shown = await show(machine)
        if (shown.state === 'running') return shown
        if (shown.state === 'failed') throw new Error(`${machine} failed: ${shown.error?.message}`)
        await sleep(500)
      }
    },
    /** Asks the scripted model; answers the first words. */
    async firstToken(machine: string): Promise<string> {
      const conductor = await target(machine)
      const body = { question: 'what can you do here?', model: 'demo', attachments: [], approve: [] }
      const { session, turn, after } = await call(conductor, ask, { body })
      const sent = { params: { session }, query: { turn }, after, isLast: () => false }
      for await (const event of follow(conductor, sessionEvents, sent))
        if (event.type === 'text.delta') return event.text
      throw new Error(`${machine} answered nothing`)
    },
    close: async () => void (await Promise.all([dispatcher, ...sockets].map(one => one.destroy()))),
  }
}

/** The code in the mail to an address, which is a file there a moment after it was asked for. */
async function mailedCode(dataDir: string, email: string): Promise<string> {
  const folder = join(dataDir, 'server/mail')
  for (;;) {
    for (const name of namesIn(folder)) {
      const mail = readFileSync(join(folder, name), 'utf8')
      const code = mail.includes(`To: ${email}\n`) ? /^Subject: (\d{6}) /m.exec(mail)?.[1] : undefined
      if (code) return code
    }
    await sleep(250)
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter(name => name.endsWith('.eml'))
  } catch {
    return []
  }
}
