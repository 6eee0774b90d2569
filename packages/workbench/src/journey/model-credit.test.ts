// Models on Spoq credit, from the command line: an operator gives credit, its owner turns it on, a machine without any key of a
// vendor asks, and what it cost is gone from the balance.

import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Anthropic, startAnthropic } from '../stand-ins/anthropic.ts'
import { type Computer, newComputer, register, signIn } from './computer.ts'
import { type Home, startHome } from './home.ts'
import { mailed, verifyCode } from './mailed.ts'

const root = { email: 'root@example.com', password: 'a long password' }
const model = 'claude-sonnet-5'
let vendor: Anthropic
let home: Home
let desk: Computer
let email: string

beforeAll(async () => {
  const tokens = { input: 1_000, output: 200, cached: 0 }
  vendor = await startAnthropic([{ pieces: ['Paid ', 'by credit.'], tokens }], [model])
  const environment = { ADMIN_EMAILS: root.email, CREDIT_ANTHROPIC_KEY: vendor.key, CREDIT_ANTHROPIC_URL: vendor.url }
  home = await startHome({ environment })
  desk = newComputer(home.server)
  await register(home.server, root)
  await signIn(home.server, desk, root)
  email = (await home.json('account', 'show')).account.email
}, 120_000)
afterAll(async () => {
  desk?.remove()
  await home?.close()
  await vendor.stop()
})

const ask = () => home.spoq(['ask', '--model', `anthropic/${model}`, 'who pays?'])
const left = async () => Number((await home.json('credit', 'balance')).credit.available)

test('without it there is no key; turned on without credit it is said how to get some', async () => {
  expect((await ask()).status).not.toBe(0)
  expect(await home.json('model', 'credit', 'show')).toMatchObject({ on: false, vendors: ['anthropic'], markup: 20 })
  const on = await home.spoq(['model', 'credit', 'on', '--budget', '2'])
  expect(on.stdout).toMatch(/state +on[\s\S]*\$2\.00 a month/)
  await expect.poll(async () => (await ask()).stderr, { timeout: 30_000 }).toContain('spoq credit top-up')
  expect(vendor.asked).toHaveLength(0)
}, 60_000)

test('with credit it is answered, and costs what was counted and a fifth more', async () => {
  await desk.spoq(['account', 'verify'])
  await desk.spoq(['account', 'verify', '--code', await mailed(home, root.email, verifyCode)])
  expect((await desk.spoq(['admin', 'credit', 'give', email, '5', '--reason', 'a gift'])).status).toBe(0)
  expect(await left()).toBe(5)
  const answered = await ask()
  expect([answered.status, answered.stdout]).toEqual([0, expect.stringContaining('Paid by credit.')])
  expect(vendor.asked.map(({ key }) => key)).toEqual([vendor.key])
  // 2 and 10 dollars for a million tokens, and a fifth more.
  await expect.poll(left).toBeCloseTo(5 - 1.2 * (1_000 * 2e-6 + 200 * 10e-6), 6)
  expect((await home.spoq(['credit', 'history'])).stdout).toContain('model')
}, 60_000)

test('nothing of the vendor’s key is on the machine, nor anywhere on this disk', () => {
  const found = () => execFileSync('grep', ['-rlaF', vendor.key, home.dataDir], { encoding: 'utf8' })
  expect(found).toThrow(expect.objectContaining({ status: 1 }))
})

test('off, machines do not ask any more', async () => {
  expect((await home.spoq(['model', 'credit', 'off'])).stdout).toMatch(/state +off/)
  await expect.poll(async () => (await ask()).status, { timeout: 30_000 }).not.toBe(0)
  expect(vendor.asked).toHaveLength(1)
}, 60_000)
