// J8: a seedbox from the command line, paid from prepaid credit: bought by card and in coins, warned of, suspended at none and
// lifted by a top-up. The backend runs in this process, so that days pass on its clock; logins live in real time.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { type Backend, startBackend } from '@spoq/server/backend'
import { readConfig } from '@spoq/server/config'
import { openIdentity } from '@spoq/server/identity/identity'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePorts } from '../free-ports.ts'
import { type CoinPay, startCoinPay } from '../stand-ins/coinpay.ts'
import { type HetznerCloud, startHetzner } from '../stand-ins/hetzner.ts'
import { type StripeStandIn, startStripe } from '../stand-ins/stripe/index.ts'
import { sdkOf } from '../stand-ins/stripe/test-shop.ts'
import { type Computer, newComputer, register, signIn } from './computer.ts'
import { bin, cleanEnvironment } from './home.ts'
import { mailed, verifyCode } from './mailed.ts'

const owner = { email: 'seeder@example.com', password: 'a long password' }
const day = 86_400_000
const dataDir = mkdtempSync(join(tmpdir(), 'spoq-j8-'))
let shop: StripeStandIn
let coins: CoinPay
let hetzner: HetznerCloud
let backend: Backend
let laptop: Computer

beforeAll(async () => {
  shop = await startStripe()
  coins = await startCoinPay({ pausesMs: [10, 10], now: shop.clock })
  hetzner = await startHetzner()
  const [port = 0] = await freePorts(1)
  const to = `http://127.0.0.1:${port}/webhooks`
  const asked = { url: `${to}/stripe`, enabled_events: ['*' as const] }
  const endpoint = await sdkOf(shop.url, shop.key).webhookEndpoints.create(asked)
  coins.webhookUrl = `${to}/coinpay`
  const config = readConfig({
    ...{ SPOQ_DATA_DIR: dataDir, SERVER_PORT: String(port), LOG_LEVEL: 'error', ADMIN_EMAILS: owner.email },
    ...{ STRIPE_SECRET_KEY: shop.key, STRIPE_WEBHOOK_SECRET: endpoint.secret ?? '', STRIPE_API_URL: shop.url },
    ...{ COINPAY_API_KEY: coins.key, COINPAY_WEBHOOK_SECRET: coins.webhookSecret, COINPAY_API_URL: coins.url },
    ...{ HETZNER_TOKEN: hetzner.token, HETZNER_API_URL: hetzner.url, MACHINE_DOMAIN: 'spoq.test' },
  })
  backend = await startBackend(config, {
    now: shop.clock,
    openIdentity: options => openIdentity({ ...options, now: Date.now }),
    creditMs: 200,
  })
  laptop = newComputer(backend.url)
  await register(backend.url, owner)
  await signIn(backend.url, laptop, owner)
}, 120_000)
afterAll(async () => {
  await laptop?.spoq(['machine', 'terminate', 'box', '--now', '--yes'])
  laptop?.remove()
  await backend?.stop()
  for (const one of [hetzner, coins, shop]) await one?.stop()
  rmSync(dataDir, { recursive: true, force: true })
})

const spoq = (...args: string[]) => laptop.spoq(args)
async function json(...args: string[]): Promise<ReturnType<typeof JSON.parse>> {
  const ran = await spoq(...args, '--json')
  if (ran.status !== 0) throw new Error(`${args.join(' ')}: ${ran.stderr || ran.stdout}`)
  return JSON.parse(ran.stdout)
}

const provision = (...more: string[]) => spoq('provision', '--template', 'seedbox', '--name', 'box', ...more)
const available = async () => (await json('credit', 'balance')).credit.available
const box = async () => (await json('machine', 'show', 'box')).machine

function subjects(): string[] {
  const folder = join(dataDir, 'server/mail')
  const names = readdirSync(folder).filter(name => name.endsWith('.eml'))
  return names.flatMap(name => /^Subject: (.*)$/m.exec(readFileSync(join(folder, name), 'utf8'))?.[1] ?? [])
}

/** Starts a top-up, and pays it once it says where. */
async function topUp(args: string[], where: string, pay: () => void | Promise<void>): Promise<void> {
  const environment = { ...cleanEnvironment(), ...laptop.environment }
  const child = spawn(process.execPath, [bin, 'credit', 'top-up', ...args, '--yes'], { env: environment })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', chunk => {
      said += chunk
    })
  await expect.poll(() => said, { timeout: 30_000 }).toContain(where)
  await pay()
  expect([(await once(child, 'exit'))[0], said]).toEqual([0, expect.stringContaining('It is paid.')])
}

const byCard = (dollars: string) =>
  topUp([dollars], 'Pay here: http', () => {
    const open = [...shop.world.sessions.values()].find(({ status }) => status === 'open')
    shop.pay(open?.id ?? '')
  })

const inCoins = (dollars: string) =>
  topUp([dollars, '--crypto', 'BTC'], 'BTC to addr_', async () => {
    await coins.seen([...coins.payments.keys()].at(-1) ?? '', { confirmations: 3 })
  })

/** A day passes, and what is due is done. */
async function nextDay(left: string): Promise<void> {
  await shop.advance(day)
  await expect.poll(available, { timeout: 30_000 }).toBe(left)
}

test('what there is and what is not allowed is said before anything is paid', async () => {
  const offers = (await spoq('provider', 'list')).stdout
  expect(offers).toContain('local: makes spoq and seedbox machines')
  expect(offers).toContain('hetzner: makes spoq machines')
  const refused = await provision('--provider', 'hetzner', '--yes')
  expect(refused).toMatchObject({ status: 5, stderr: expect.stringContaining('These do: local, byo.') })
  expect((await spoq('provision', '--template', 'openclaw')).status).toBe(2)
  const poor = await provision('--yes')
  expect(poor).toMatchObject({ status: 8, stderr: expect.stringContaining('It costs $0.20 a day') })
  expect(poor.stderr).toContain('spoq credit top-up 5')
}, 60_000)

test('credit is bought by card and in coins', async () => {
  await spoq('account', 'verify')
  expect((await spoq('account', 'verify', '--code', await mailed({ dataDir }, owner.email, verifyCode))).status).toBe(0)
  await byCard('5')
  await inCoins('5')
  expect(await available()).toBe('10.000000')
}, 120_000)

test('what has to be accepted is shown; without a terminal its version is named', async () => {
  const { policy } = await json('policy', 'show', 'acceptable-use')
  expect((await spoq('policy', 'show', 'acceptable-use')).stdout).toContain('1. Share only what you may share')
  const unasked = await provision('--yes')
  expect(unasked).toMatchObject({
    status: 2,
    stderr: expect.stringContaining(`Say it with --accept-policy ${policy.version}.`),
  })
  expect((await provision('--yes', '--accept-policy', '2020-01-01')).status).toBe(5)
  const unpriced = await provision('--accept-policy', policy.version)
  expect(unpriced).toMatchObject({ status: 2, stderr: expect.stringContaining('--yes') })
  expect(unpriced.stderr).toContain(
    'seedbox on local. It costs $0.20 a day from your credit, which is enough for 50 days.',
  )
  expect(await json('machine', 'list')).toEqual({ machines: [] })
  expect((await json('policy', 'accept', 'acceptable-use', '--accept-policy', policy.version)).accepted).toMatchObject({
    name: 'acceptable-use',
    version: policy.version,
  })
}, 60_000)

/** util-linux's `script` gives a program a terminal; `answer` is typed once it asks. */
async function onTerminal(args: string[], question: string, answer: string) {
  const environment = { ...cleanEnvironment(), ...laptop.environment, TERM: 'xterm' }
  const words = ['-qec', `stty cols 200; '${process.execPath}' '${bin}' ${args.join(' ')}`, '/dev/null']
  const child = spawn('script', words, { env: environment })
  let shown = ''
  child.stdout.on('data', piece => {
    shown += piece
  })
  const closed = once(child, 'close')
  await expect.poll(() => shown, { timeout: 30_000 }).toContain(question)
  child.stdin.write(answer)
  const [status] = await closed
  return { status, shown: stripVTControlCharacters(shown) }
}

test('on a terminal it is shown and asked; a no makes nothing', async () => {
  if (process.platform !== 'linux') return console.log('skipped: script of util-linux is needed for a terminal')
  await backend.database.query('DELETE FROM policy_acceptance')
  const asked = ['provision', '--template', 'seedbox', '--name', 'box']
  const no = await onTerminal(asked, 'Do you accept', 'n\n')
  expect([no.status, no.shown]).toEqual([130, expect.stringContaining('1. Share only what you may share')])
  expect(await json('machine', 'list')).toEqual({ machines: [] })
  const yes = await onTerminal(['policy', 'accept', 'acceptable-use'], 'Do you accept', 'y\n')
  expect([yes.status, yes.shown]).toEqual([0, expect.stringContaining('You accepted acceptable-use')])
}, 60_000)

test('a seedbox is made without any plan that is paid; its first day is taken with it', async () => {
  const made = await provision('--yes')
  expect([made.status, made.stdout]).toEqual([0, expect.stringContaining('box is running')])
  expect(await box()).toMatchObject({ template: 'seedbox', provider: 'local', state: 'running', holds: [] })
  expect(await available()).toBe('9.800000')
  expect((await json('credit', 'balance')).credit).toMatchObject({ daily: '0.200000', standing: 'ok' })
  const wrote = await spoq('run', '--machine', 'box', '--', 'sh', '-c', 'echo mine > notes.txt')
  expect([wrote.status, wrote.stderr]).toEqual([0, ''])
}, 120_000)

test('each day is taken once; who has little left is warned, and at none it is suspended', async () => {
  // The day on which it was made is paid already.
  await shop.advance(day)
  for (const left of ['9.600000', '9.400000', '9.200000']) await nextDay(left)
  expect(subjects().filter(subject => subject.includes('lasts'))).toEqual([])
  await shop.advance(39 * day)
  await expect.poll(available, { timeout: 60_000 }).toBe('1.400000')
  await expect.poll(subjects).toContain('Your Spoq credit lasts for a week at most')
  for (const left of ['1.200000', '1.000000', '0.800000', '0.600000', '0.400000', '0.200000']) await nextDay(left)
  await expect.poll(subjects).toContain('Your Spoq credit lasts for a day')
  expect(await box()).toMatchObject({ state: 'running' })
  await nextDay('0.000000')
  await expect.poll(async () => (await box()).state, { timeout: 30_000 }).toBe('suspended')
  expect((await box()).holds).toEqual(['balance'])
  expect((await spoq('machine', 'show', 'box')).stdout).toContain('the prepaid credit is used up')
  await expect.poll(subjects).toContain('Your Spoq credit is used up')
  // Days without credit are not owed.
  await shop.advance(3 * day)
  await spoq('status')
  expect(await available()).toBe('0.000000')
}, 240_000)

test('a top-up lifts that, and what was on it is there', async () => {
  await byCard('5')
  await expect.poll(async () => (await box()).state, { timeout: 30_000 }).toBe('running')
  expect((await box()).holds).toEqual([])
  const read = await spoq('run', '--machine', 'box', '--', 'cat', 'notes.txt')
  expect([read.status, read.stdout]).toEqual([0, expect.stringContaining('mine')])
}, 120_000)

test('its end is the end of its charges, and the books are clean', async () => {
  const ended = await spoq('machine', 'terminate', 'box', '--now', '--yes')
  expect([ended.status, ended.stdout]).toEqual([0, expect.stringContaining('box is gone')])
  // The day on which it ends is paid in full.
  await expect.poll(available, { timeout: 30_000 }).toBe('4.800000')
  await shop.advance(5 * day)
  await expect.poll(async () => (await json('credit', 'balance')).credit.daily).toBe('0.000000')
  expect(await available()).toBe('4.800000')
  expect((await json('admin', 'ledger', 'verify')).findings).toEqual([])
  expect([...shop.invalid, ...coins.invalid, ...hetzner.invalid]).toEqual([])
}, 120_000)
