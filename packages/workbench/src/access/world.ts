// Two people with all that routes are about, on a real backend with a real database, and a Conductor of one of them.

import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startConductor } from '@spoq/conductor/conductor'
import { oauth } from '@spoq/contracts/login'
import { type TokenScope, tokenScopes } from '@spoq/contracts/token'
import { withoutIsolation } from '@spoq/kit/sandbox'
import type { AccountTables } from '@spoq/server/account/store'
import { type Backend, startBackend } from '@spoq/server/backend'
import { newBackup } from '@spoq/server/backup/create'
import { readConfig } from '@spoq/server/config'
import { newTopUp } from '@spoq/server/credit/top-up'
import type { Log } from '@spoq/server/log'
import { fakeProvider } from '@spoq/server/reconcile/fake-provider'
import { startStripe } from '../stand-ins/stripe/index.ts'

export interface Person {
  account: string
  email: string
  /** What a browser that is signed in sends. */
  headers: Record<string, string>
  /** Makes something of theirs that a path can name; its id. */
  make(kind: string, of?: Record<string, string>): Promise<string>
  /** A personal access token. */
  token(scopes: readonly TokenScope[], machine?: string): Promise<string>
}

export interface World extends AsyncDisposable {
  backend: Backend
  url: string
  register(name: string): Promise<Person>
  /** Somebody who runs this server. */
  registerAdmin(): Promise<Person>
  /** A top-up that waits for who runs this server; its id. */
  review(person: Person): Promise<string>
  /** A token for a machine, as a header. */
  machineToken(person: Person, machine: string, scopes?: readonly TokenScope[]): Promise<string>
  /** The edge of a Conductor that is this machine. */
  startEdge(person: Person, machine: string): Promise<string>
}

const adminEmail = 'root@example.com'

/** Starts it; nothing outside this process is asked. */
export async function startWorld(log?: Log, now: () => number = Date.now): Promise<World> {
  const root = mkdtempSync(join(tmpdir(), 'spoq-world-'))
  const shop = await startStripe()
  const config = readConfig({
    SPOQ_DATA_DIR: root,
    SERVER_PORT: '0',
    LOG_LEVEL: 'error',
    MACHINE_DOMAIN: 'spoq.test',
    ADMIN_EMAILS: adminEmail,
    TRUSTED_PROXY: '127.0.0.1',
    STRIPE_SECRET_KEY: shop.key,
    STRIPE_WEBHOOK_SECRET: 'whsec_test',
    STRIPE_API_URL: shop.url,
    DEFAULT_PLAN: 'enterprise',
  })
  const backend = await startBackend(config, {
    now,
    openProviders: () => new Map([['local', fakeProvider(now)]]),
    sendAccess: async (_, { number }) => number,
    checkModelKey: async () => {},
    scanMs: 3_600_000,
    healthMs: 3_600_000,
    ...(log ? { log } : {}),
  })
  const { url } = backend
  const undo: (() => Promise<unknown>)[] = [() => shop.stop(), () => backend.stop()]

  const post = (path: string, headers: Record<string, string>, body: object) => send('POST', path, headers, body)
  async function send(method: string, path: string, headers: Record<string, string>, body: object) {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { 'content-type': 'application/json', origin: url, ...headers },
      body: JSON.stringify(body),
    })
    const answer = await response.json()
    if (!response.ok) throw new Error(`${path}: ${JSON.stringify(answer)}`)
    return { answer: answer as never, response }
  }

  async function register(name: string): Promise<Person> {
    const email = `${name}@example.com`
    const { answer, response } = await post('/api/auth/register', {}, { email, name, password: 'correct horse' })
    const cookie = response.headers.getSetCookie().map(line => line.split(';', 1)[0])
    const headers = { cookie: cookie.join('; '), origin: url }
    const account = (answer as { user: { id: string } }).user.id
    const token = async (scopes: readonly TokenScope[], machine?: string) => {
      const made = await post('/api/tokens', headers, { name: 'test', scopes, machine })
      return (made.answer as { secret: string }).secret
    }
    const makers: Record<string, (of: Record<string, string>) => Promise<string>> = {
      machine: async () => ((await post('/api/machines', headers, {})).answer as { id: string }).id,
      login: () => insertLogin(backend, account),
      token: async () =>
        (
          (await post('/api/tokens', headers, { name: 'test', scopes: ['account:read'] })).answer as {
            token: { id: string }
          }
        ).token.id,
      // Nobody's: there is one for all.
      file: async () => 'spoq-0.0.0-0123456789ab-linux-x64.tar.gz',
      trust: async () => {
        const trusted = { repositoryId: '1', ref: 'refs/heads/main', scopes: ['account:read'] }
        return ((await post('/api/trusts', headers, trusted)).answer as { id: string }).id
      },
      backup: () => insertBackup(backend, account),
      name: async () => name,
      // Nobody's: there is one for all.
      policy: async () => 'acceptable-use',
      domain: async ({ machine = '' }) => {
        const domain = `${name}.example.com`
        await send('PUT', `/api/machines/${machine}/domains/${domain}`, headers, {})
        return domain
      },
      profile: async () => {
        const machine = await make('machine')
        return ((await post('/api/profiles', headers, { machine, name: 'work' })).answer as { id: string }).id
      },
      device: async () => {
        const profile = await make('profile')
        const keys = [{ key: newPublicKey(), name: 'a laptop' }]
        const { answer } = await post('/api/devices', headers, { profile, keys })
        return (answer as { devices: { id: string }[] }).devices[0]?.id ?? ''
      },
      connection: async () => {
        const server = { address: '127.0.0.1', port: 9, user: 'root' }
        return ((await post('/api/connections', headers, server)).answer as { id: string }).id
      },
      payment: async () => {
        await post('/api/billing/portal', headers, {})
        const [customer] = [...shop.world.customers.values()].filter(({ metadata }) => metadata.account === account)
        return shop.card(customer?.id ?? '')
      },
      topUp: () => insertTopUp(backend, account),
      snapshot: ({ machine = '' }) => insertSnapshot(backend, machine),
      vendor: async () => {
        await send('PUT', '/api/model-keys/anthropic', headers, { key: `sk-of-${name}` })
        return 'anthropic'
      },
    }
    const make = (kind: string, of: Record<string, string> = {}) => {
      const maker = makers[kind]
      if (!maker) throw new Error(`world.ts makes no ${kind}: add it, so that {${kind}} in a path is tested`)
      return maker(of)
    }
    return { account, email, headers, make, token }
  }

  async function registerAdmin(): Promise<Person> {
    const person = await register('Root')
    const accounts = backend.database.db.withTables<AccountTables>()
    await accounts.updateTable('account').set({ email_verified: true }).where('id', '=', person.account).execute()
    return person
  }

  async function machineToken(person: Person, machine: string, scopes: readonly TokenScope[] = tokenScopes) {
    const response = await fetch(`${url}/identity/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: oauth.exchangeGrant,
        client_id: oauth.stockClient,
        subject_token: await person.token(scopes),
        subject_token_type: oauth.accessTokenType,
        audience: machine,
      }),
    })
    return ((await response.json()) as { access_token: string }).access_token
  }

  async function startEdge(person: Person, machine: string): Promise<string> {
    const folder = join(root, machine)
    mkdirSync(join(folder, 'workspace'), { recursive: true })
    const edge = { host: '127.0.0.1', port: 0 }
    const jwksUrl = `${url}/identity/jwks`
    const conductorConfig = { machine, members: [person.account], issuer: url, jwksUrl, edge }
    writeFileSync(join(folder, 'conductor.json'), JSON.stringify(conductorConfig))
    const sandbox = withoutIsolation('a test')
    const conductor = await startConductor({ folder, now, sandbox, logger: () => {}, endpoints: [], demoPaceMs: 0 })
    undo.push(() => conductor.stop())
    return conductor.endpoint ?? ''
  }

  async function review({ account }: Person): Promise<string> {
    const id = await insertTopUp(backend, account)
    await backend.database.db.updateTable('top_up').set({ state: 'review' }).where('id', '=', id).execute()
    return id
  }

  return {
    backend,
    url,
    review,
    register,
    registerAdmin,
    machineToken,
    startEdge,
    [Symbol.asyncDispose]: async () => {
      for (const step of undo.toReversed()) await step()
      rmSync(root, { recursive: true, force: true })
    },
  }
}

/** One that waits to be made: of a machine that is not there, and looked at by nobody. */
async function insertBackup({ database }: Backend, account: string): Promise<string> {
  const row = newBackup({ id: `mach_${randomBytes(10).toString('hex')}`, account_id: account }, 'manual', Date.now())
  await database.db
    .insertInto('backup')
    .values({ ...row, next_attempt_at: row.expires_at })
    .execute()
  return row.id
}

/** One that waits to be paid, nowhere. */
async function insertTopUp({ database }: Backend, account: string): Promise<string> {
  const asker = { account, requestId: 'req_test' }
  const wish = { method: 'card', cents: 500, openMs: 3_600_000 } as const
  const row = newTopUp({ account, asker, key: randomBytes(10).toString('hex'), ...wish }, Date.now())
  await database.db.insertInto('top_up').values(row).execute()
  return row.id
}

async function insertLogin({ database }: Backend, account: string): Promise<string> {
  const id = `login_${randomBytes(10).toString('hex')}`
  const row = { id, account_id: account, client_id: id, name: 'a laptop', created_at: new Date() }
  await database.db.withTables<{ login: typeof row }>().insertInto('login').values(row).execute()
  return id
}

/** As if it had been taken: the provider of this world takes none. */
async function insertSnapshot({ database }: Backend, machine: string): Promise<string> {
  const id = `task_${randomBytes(10).toString('hex')}`
  const row = {
    id,
    machine_id: machine,
    kind: 'snapshot',
    argument: 'before',
    state: 'done',
    created_at: new Date(),
  } as const
  await database.db.insertInto('machine_task').values(row).execute()
  return id
}

/** Nobody has the private one. */
export function newPublicKey(): string {
  const fields = ['ssh-ed25519', randomBytes(32)].map(field => Buffer.from(field))
  const sized = fields.map(field => Buffer.concat([Buffer.from([0, 0, 0, field.length]), field]))
  return `ssh-ed25519 ${Buffer.concat(sized).toString('base64')}`
}
