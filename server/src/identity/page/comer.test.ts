import { afterAll, beforeAll, expect, test } from 'vitest'
import { Browser, startTestServer, type TestServer } from '../test-server.ts'
import type { WaitingComer } from '../web-session.ts'

let server: TestServer
let [owner, other] = [] as unknown as [Browser, Browser]
/** Who waits behind BLUE-FISH-TREE, and whose decision it is. */
let waiting: WaitingComer | null
let whose: string
const decisions: { words: string; isYes: boolean; address: string }[] = []

beforeAll(async () => {
  server = await startTestServer({
    comers: {
      find: async (account, words) => (words === 'BLUE-FISH-TREE' && account === whose ? waiting : null),
      decide: async ({ account, words, isYes, origin }) => {
        if (account !== whose || !waiting) return false
        waiting = null
        decisions.push({ words, isYes, address: origin.address })
        return true
      },
    },
  })
  ;[owner, other] = [new Browser(server.url), new Browser(server.url)]
  await owner.signUp('ann@example.com')
  await other.signUp('ben@example.com')
  const { id } = await server.db
    .selectFrom('auth_user')
    .select('id')
    .where('email', '=', 'ann@example.com')
    .executeTakeFirstOrThrow()
  whose = id
})
afterAll(() => server.close())

const comer = { machine: 'alice', profile: null, address: '203.0.113.7', at: Date.now() }
const page = (browser: Browser) => browser.get('/auth/verify?code=blue%20fish%20tree')
const decide = (browser: Browser, decision: string) =>
  browser.post('/auth/authorize', { code: 'BLUE-FISH-TREE', decision })

test('the page says for which machine, from where, and that it is another network; opening it decides nothing', async () => {
  waiting = { ...comer, profile: '<work>' }
  const { text } = await page(owner)
  expect(text).toContain('SSH sign-in to machine alice, as &lt;work&gt; from 203.0.113.7')
  expect(text).toContain('on another network than this browser')
  expect(text).toContain('BLUE-FISH-TREE')
  expect(decisions).toEqual([])
})

test('another account sees what it sees of words that nobody gave, and its yes is heard by nobody', async () => {
  waiting = comer
  const there = await page(other)
  waiting = null
  const none = await page(other)
  expect({ status: there.status, text: there.text }).toEqual({ status: none.status, text: none.text })
  waiting = comer
  expect((await decide(other, 'approve')).status).toBe(none.status)
  expect(decisions).toEqual([])
})

test('the owner decides once, and is told what to do next', async () => {
  waiting = comer
  expect((await decide(owner, 'approve')).text).toContain('Press Enter in the terminal')
  expect((await decide(owner, 'approve')).status).toBe(400)
  waiting = comer
  expect((await decide(owner, 'deny')).text).toContain('Nobody is let in')
  expect(decisions).toEqual([
    { words: 'BLUE-FISH-TREE', isYes: true, address: '127.0.0.1' },
    { words: 'BLUE-FISH-TREE', isYes: false, address: '127.0.0.1' },
  ])
})

test('a page of another site decides nothing', async () => {
  waiting = comer
  const forged = await owner.post(
    '/auth/authorize',
    { code: 'BLUE-FISH-TREE', decision: 'approve' },
    'https://evil.test',
  )
  expect([forged.status, waiting]).toEqual([403, comer])
})
