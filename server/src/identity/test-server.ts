// For tests: identity on a real listener over a real database, and a browser without a window.

import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { registerAccount } from '../account/route.ts'
import { testDatabase } from '../db/test-database.ts'
import { openApp } from '../http/app.ts'
import { stampPeer } from '../http/peer.ts'
import type { Mail } from '../mail/mail.ts'
import { type Identity, type IdentityOptions, openIdentity } from './identity.ts'
import type { IdentityDb } from './tables.ts'

export interface TestServer {
  url: string
  dataDir: string
  db: IdentityDb
  identity: Identity
  /** Which machines are whose: `machine -> account`. */
  machines: Map<string, string>
  /** What was put into the outbox, whatever became of its transaction. */
  mails: Mail[]
  /** Accounts whose machines were to be told of a change. */
  told: string[]
  close(): Promise<void>
}

/** Starts a backend that has identity alone. */
export async function startTestServer(changed: Partial<IdentityOptions> = {}): Promise<TestServer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'spoq-identity-'))
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const database = await testDatabase()
  const machines = new Map<string, string>()
  const now = () => Date.now()
  const mails: Mail[] = []
  const mail: IdentityOptions['mail'] = {
    put: async (_, letter, seconds) => void (seconds !== 0 && mails.push(letter)),
    wake: () => {},
  }
  const told: string[] = []
  const identity = await openIdentity({
    accessChanged: async (_, account) => void told.push(account),
    mail,
    db: database.db,
    baseUrl: url,
    dataDir,
    now,
    accessTokenSeconds: 3_600,
    refreshTokenDays: 30,
    ownsMachine: async (account, machine) => machines.get(machine) === account,
    ...changed,
  })
  const app = openApp({ authenticate: identity.authenticate, log: () => {}, now })
  const db = database.db as unknown as IdentityDb
  registerAccount(app.serve, { db: db as never, dataDir, locked: database.locked, signUp: identity.signUp })
  identity.register(app.serve)
  app.otherwise(identity.handler)
  const listener = getRequestListener(app.fetch)
  server.on('request', (request, response) => {
    stampPeer(request)
    void listener(request, response)
  })
  const close = async () => {
    server.closeAllConnections()
    server.close()
    await database.close()
    rmSync(dataDir, { recursive: true })
  }
  return { url, dataDir, db, identity, machines, mails, told, close }
}

/** Keeps cookies, sends the Origin with forms, follows redirects inside the server and stops at those that leave it. */
export class Browser {
  readonly cookies = new Map<string, string>()
  readonly #origin: string

  constructor(origin: string) {
    this.#origin = origin
  }

  get(path: string): Promise<Visit> {
    return this.#visit(path, { headers: { accept: 'text/html' } })
  }

  /** Submits a form; `origin` is what a browser would send by itself. */
  post(path: string, fields: Record<string, string>, origin: string | null = this.#origin): Promise<Visit> {
    const headers = { accept: 'text/html', ...(origin ? { origin } : {}) }
    return this.#visit(path, { method: 'POST', headers, body: new URLSearchParams(fields) })
  }

  /** A new account that is signed in here. */
  async signUp(email: string): Promise<Visit> {
    return this.post('/auth/sign-up', { email, name: 'Alice', password: 'correct horse' })
  }

  get cookieHeader(): string {
    return [...this.cookies].map(pair => pair.join('=')).join('; ')
  }

  async #visit(path: string, init: RequestInit): Promise<Visit> {
    const url = new URL(path, this.#origin)
    if (url.origin !== this.#origin) return { url, status: 0, text: '', headers: new Headers() }
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: { ...(init.headers as Record<string, string>), cookie: this.cookieHeader },
    })
    for (const line of response.headers.getSetCookie()) this.#keep(line)
    const to = response.headers.get('location')
    if (to) return this.#visit(new URL(to, url).href, { headers: { accept: 'text/html' } })
    return { url, status: response.status, text: await response.text(), headers: response.headers }
  }

  #keep(line: string): void {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    if (name && value) this.cookies.set(name, value)
    else if (name) this.cookies.delete(name)
  }
}

/** Where a visit ended; status 0 when that is another server. */
export interface Visit {
  url: URL
  status: number
  text: string
  headers: Headers
}
