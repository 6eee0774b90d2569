// How many messages of Stripe are taken in a second, by a whole backend on PostgreSQL, over HTTP, each with its signature.

import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startBackend } from '@spoq/server/backend'
import { readConfig } from '@spoq/server/config'
import pg from 'pg'
import { Agent, request } from 'undici'
import { type PostgresServer, startPostgres, whyNoPostgres } from '../../postgres/server.ts'
import type { Figure } from '../figure.ts'

const messages = 4_000
const clients = 64
const secret = 'whsec_bench'

const skipped = () => whyNoPostgres ?? null

export const webhooks: Figure[] = [
  {
    id: 'webhooks',
    goal: { least: 1 },
    about: 'messages of Stripe stored a second, none lost / 500',
    skipped,
    measure: async () => (await onPostgres(taken)) / 500,
  },
  {
    id: 'webhooks-insert',
    goal: { least: 0.1 },
    about: 'messages of Stripe stored a second / bare one-row INSERTs by as many clients',
    skipped,
    measure: () => onPostgres(async server => (await taken(server)) / (await inserted(server))),
  },
]

async function onPostgres(measure: (server: PostgresServer) => Promise<number>): Promise<number> {
  const server = await startPostgres()
  try {
    return await measure(server)
  } finally {
    await server.remove()
  }
}

/** Stored a second. @throws Error when one is lost. */
async function taken({ url }: PostgresServer): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'spoq-bench-'))
  const backend = await startBackend(
    readConfig({
      SPOQ_DATA_DIR: folder,
      SERVER_PORT: '0',
      BASE_URL: 'http://127.0.0.1:4100',
      DATABASE_URL: url,
      LOG_LEVEL: 'error',
      STRIPE_SECRET_KEY: 'sk_test_bench',
      STRIPE_WEBHOOK_SECRET: secret,
      // Nobody is there: what is told of would be read again, and is not.
      STRIPE_API_URL: 'http://127.0.0.1:9',
    }),
    { log: () => {} },
  )
  const dispatcher = new Agent({ connections: clients })
  try {
    const address = `http://127.0.0.1:${backend.port}/webhooks/stripe`
    await all(200, index => post(address, dispatcher, `warm${index}`))
    const began = performance.now()
    await all(messages, index => post(address, dispatcher, `bench${index}`))
    const rate = messages / ((performance.now() - began) / 1_000)
    const [{ stored } = { stored: 0 }] = await backend.database.query<{ stored: number }>(
      "SELECT count(*) AS stored FROM webhook WHERE id LIKE 'evt_bench%'",
    )
    if (Number(stored) !== messages) throw new Error(`${messages} were acknowledged, ${stored} are stored`)
    return rate
  } finally {
    await dispatcher.close()
    await backend.stop()
    rmSync(folder, { recursive: true })
  }
}

async function post(address: string, dispatcher: Agent, id: string): Promise<void> {
  const at = Math.floor(Date.now() / 1_000)
  const body = JSON.stringify({
    ...{ id: `evt_${id}`, object: 'event', type: 'customer.subscription.updated', created: at, api_version: 'x' },
    // As large as they are.
    data: { object: { id: `sub_${id}`, object: 'subscription', metadata: { about: 'x'.repeat(3_000) } } },
  })
  const signature = createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')
  const headers = { 'content-type': 'application/json', 'stripe-signature': `t=${at},v1=${signature}` }
  const answer = await request(address, { method: 'POST', dispatcher, headers, body })
  await answer.body.dump()
  if (answer.statusCode !== 200) throw new Error(`a message was answered with ${answer.statusCode}`)
}

/** Bare INSERTs of a row of that size a second. */
async function inserted({ url }: PostgresServer): Promise<number> {
  const pool = new pg.Pool({ connectionString: url, max: clients })
  try {
    await pool.query('CREATE TABLE bare (id text PRIMARY KEY, payload jsonb NOT NULL)')
    const payload = JSON.stringify({ about: 'x'.repeat(3_000) })
    const insert = (id: string) => pool.query('INSERT INTO bare VALUES ($1, $2)', [id, payload])
    await all(200, index => insert(`warm${index}`))
    const began = performance.now()
    await all(messages, index => insert(`bench${index}`))
    return messages / ((performance.now() - began) / 1_000)
  } finally {
    await pool.end()
  }
}

/** Does it so often, by so many clients at a time. */
async function all(times: number, work: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0
  const client = async () => {
    while (next < times) await work(next++)
  }
  await Promise.all(Array.from({ length: clients }, client))
}
