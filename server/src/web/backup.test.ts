import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { create } from '../backup/create.ts'
import { lookOnce } from '../backup/open.ts'
import { ownBackup } from '../backup/owner.ts'
import { registerBackups } from '../backup/route.ts'
import { toBackup } from '../backup/shape.ts'
import { backupWorld } from '../backup/test-machine.ts'
import { openApp } from '../http/app.ts'
import { paths } from '../identity/auth.ts'
import { Browser, startTestServer, type TestServer } from '../identity/test-server.ts'
import { backupPage, backupPath } from './backup.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

/** A browser that is signed in, and whose it is. */
async function signedIn(email: string) {
  const browser = new Browser(server.url)
  await browser.signUp(email)
  const { cookieHeader: cookie } = browser
  const { account } = await server.identity.authenticate(new Request(server.url, { headers: { cookie } }))
  return { account, cookie }
}

async function world() {
  const alice = await signedIn(`alice-${Math.random()}@example.com`)
  const mallory = await signedIn(`mallory-${Math.random()}@example.com`)
  const backups = await backupWorld()
  const { ports } = backups
  const machine = await backups.running(alice.account)
  const { id } = await create(ports, backups.asker(alice.account), { machine: machine.id, kind: 'manual' })
  await lookOnce(ports)
  const { authenticate } = server.identity
  const app = openApp({ authenticate, log: () => {}, now: ports.now })
  registerBackups(app.serve, ports)
  const show = async (account: string, backup: string) => toBackup(await ownBackup(ports.db, { account }, backup))
  app.otherwise(request => backupPage({ authenticate, signInPath: paths.signIn, show }, request))
  const get = (path: string, cookie?: string) =>
    app.fetch(new Request(`${server.url}${path}`, { headers: { accept: 'text/html', ...(cookie ? { cookie } : {}) } }))
  return { ...backups, alice, mallory, id, machine: machine.id, conductor: backups.machine, get }
}

test('whoever is not signed in is led to sign in and back, and is told nothing', async () => {
  const { id, get } = await world()
  for (const one of [id, 'backup_0123456789abcdef0123']) {
    const answer = await get(backupPath(one))
    expect([answer.status, answer.headers.get('location')]).toEqual([
      303,
      `/auth/sign-in?next=${encodeURIComponent(backupPath(one))}`,
    ])
    expect(await answer.text()).toBe('')
  }
})

test('its owner sees what it is and gets all of it, as often as they like', async () => {
  const { id, get, alice, conductor } = await world()
  const page = await get(backupPath(id), alice.cookie)
  const text = await page.text()
  expect([page.status, page.headers.get('cache-control')]).toEqual([200, 'no-store'])
  const [, href = ''] = /<a class="button" href="([^"]+)" download="backup_\w+\.tar">/.exec(text) ?? []
  for (const _ of [1, 2]) {
    const answer = await get(href, alice.cookie)
    expect(answer.status).toBe(200)
    expect((await buffer(answer.body as never)).equals(conductor.content)).toBe(true)
  }
  expect((await get(href)).status).toBe(401)
})

test('another account, another id and a path that leads elsewhere find nothing, with one and the same answer', async () => {
  const { id, machine, get, alice, mallory } = await world()
  const answers = [
    await get(backupPath(id), mallory.cookie),
    await get(backupPath(`${id.slice(0, -1)}${id.endsWith('0') ? '1' : '0'}`), alice.cookie),
    await get(backupPath('..%2F..%2Fetc'), alice.cookie),
    await get(backupPath('%00'), alice.cookie),
  ]
  const texts = await Promise.all(answers.map(answer => answer.text()))
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404])
  expect(new Set(texts).size).toBe(1)
  expect(texts[0]).not.toContain(machine)
  const archive = await get(`/api/backups/${id}/archive`, mallory.cookie)
  expect([archive.status, await archive.text()]).toEqual([404, expect.stringContaining('backup_not_found')])
})

test('what is no longer kept is gone', async () => {
  const { id, get, alice, pass, ports } = await world()
  pass(40 * 86_400_000)
  await lookOnce(ports)
  const answer = await get(backupPath(id), alice.cookie)
  expect([answer.status, await answer.text()]).toEqual([404, expect.stringContaining('no longer kept')])
  expect((await get(`/api/backups/${id}/archive`, alice.cookie)).status).toBe(404)
})
