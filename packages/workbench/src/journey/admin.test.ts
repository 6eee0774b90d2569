// What whoever runs a server does from the command line, and that nobody else can.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Computer, newComputer, register, signIn } from './computer.ts'
import { type Home, startHome } from './home.ts'
import { mailed, verifyCode } from './mailed.ts'

const root = { email: 'root@example.com', password: 'a long password' }
let home: Home
let desk: Computer

beforeAll(async () => {
  home = await startHome({ environment: { ADMIN_EMAILS: root.email } })
  desk = newComputer(home.server)
  await register(home.server, root)
  await signIn(home.server, desk, root)
}, 120_000)
afterAll(async () => {
  desk.remove()
  await home.close()
})

const json = async (...args: string[]) => JSON.parse((await desk.spoq([...args, '--json'])).stdout)

test('an address is nobody’s word for who runs the server, until it is verified', async () => {
  expect(await desk.spoq(['admin', 'pool', 'show'])).toMatchObject({
    status: 3,
    stderr: expect.stringContaining('run'),
  })
  await desk.spoq(['account', 'verify'])
  await desk.spoq(['account', 'verify', '--code', await mailed(home, root.email, verifyCode)])
  expect((await desk.spoq(['admin', 'pool', 'show'])).status).toBe(0)
  // The owner of the very computer is not on the list either.
  for (const args of [
    ['admin', 'pool', 'show'],
    ['admin', 'ledger', 'verify'],
    ['admin', 'plan', 'set', root.email, 'pro', '--reason', 'x'],
  ])
    expect((await home.spoq(args)).status).toBe(3)
})

test('the pool is shown, set and drained', async () => {
  expect(await json('admin', 'pool', 'show')).toMatchObject({ provider: null, min: 0, max: 0, warm: 0 })
  expect(await json('admin', 'pool', 'set', '--min', '1', '--max', '2')).toMatchObject({ min: 1, max: 2 })
  expect(await json('admin', 'pool', 'set', '--min', '3')).toMatchObject({ error: { code: 'pool_limits_invalid' } })
  expect((await desk.spoq(['admin', 'pool', 'set'])).status).toBe(2)
  expect(await json('admin', 'pool', 'drain')).toMatchObject({ min: 0, max: 0 })
})

test('a plan is given with a reason, and taken back', async () => {
  const give = ['admin', 'plan', 'set', root.email]
  expect((await desk.spoq([...give, 'team'])).status).toBe(2)
  const given = await desk.spoq([...give, 'team', '--reason', 'contract 17'])
  expect(given.stdout).toBe(`${root.email} has Team: given by whoever runs this server.\n`)
  expect(await json('subscription', 'show')).toMatchObject({ plan: 'team', source: 'given', card: false })
  expect((await desk.spoq(['plan', 'list'])).stdout).toMatch(/TEAM \*/)
  expect(await json(...give, 'none', '--reason', 'over')).toMatchObject({ plan: 'enterprise', source: 'default' })
  const nobody = await desk.spoq(['admin', 'plan', 'set', 'nobody@example.com', 'pro', '--reason', 'x'])
  expect(nobody).toMatchObject({ status: 4, stderr: expect.stringContaining('nobody@example.com') })
})

test('the ledger is verified', async () => {
  expect((await desk.spoq(['admin', 'ledger', 'verify'])).status).toBe(0)
})

test('where nothing is sold by card it is said, and how else', async () => {
  const refused = await desk.spoq(['subscribe', '--plan', 'pro', '--yes'])
  expect(refused).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('Nothing can be bought by card on this server.'),
  })
  expect(refused.stderr).toContain('whoever runs it')
})
