// A login or a token that ends is refused by the machine within seconds, though what it has there lives for an hour.

import { once } from 'node:events'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { oauth } from '@spoq/contracts/login'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Computer, newComputer, signIn } from './computer.ts'
import { type Home, startHome } from './home.ts'

let home: Home
let laptop: Computer

beforeAll(async () => {
  home = await startHome()
  laptop = newComputer(home.server)
  const owner = JSON.parse(readFileSync(join(home.dataDir, 'server/first-account.json'), 'utf8'))
  await signIn(home.server, laptop, owner)
}, 120_000)
afterAll(async () => {
  await home.close()
  laptop.remove()
})

/** What the laptop keeps for the machine, as a thief would find it. */
function stolenToken(): string {
  const files = globSync('**', { cwd: join(laptop.dataDir, 'cli'), withFileTypes: true }).filter(file => file.isFile())
  const texts = files.map(file => readFileSync(join(file.parentPath, file.name), 'utf8'))
  const tokens = texts.flatMap(text => text.match(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g) ?? [])
  return tokens.find(token => decodeJwt(token).aud === home.machine.id) ?? expect.fail('no token is kept')
}

async function knock(token: string): Promise<{ status: number; code?: string }> {
  const response = await fetch(`${home.machine.endpoint}/api/status`, { headers: { authorization: `Bearer ${token}` } })
  return { status: response.status, ...((await response.json()) as { code?: string }) }
}

async function untilRefused(token: string): Promise<void> {
  const since = Date.now()
  while ((await knock(token)).status === 200) {
    if (Date.now() - since > 30_000) throw new Error('it is let in still')
    await sleep(50)
  }
}

/** A token of an hour for the machine, as anybody may have it who has the secret. */
async function exchanged(secret: string): Promise<string> {
  const response = await fetch(`${home.server}/identity/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: oauth.exchangeGrant,
      client_id: oauth.stockClient,
      subject_token: secret,
      subject_token_type: oauth.accessTokenType,
      audience: home.machine.id,
    }),
  })
  return ((await response.json()) as { access_token: string }).access_token
}

const begunRun = async (environment: Record<string, string>) => {
  const run = home.start(['run', '--', 'sh', '-c', 'echo begun; sleep 300'], { environment })
  await once(run.stdout ?? expect.fail('no output'), 'data')
  return { ended: once(run, 'exit') }
}

test('what the login has open ends, its token opens nothing more, and the other login goes on', async () => {
  const { ended } = await begunRun(laptop.environment)
  const token = stolenToken()
  expect(await knock(token)).toMatchObject({ status: 200 })

  const { logins } = JSON.parse((await laptop.spoq(['login', 'list', '--json'])).stdout)
  const { id } = logins.find(({ current }: { current: boolean }) => current)
  expect(await home.spoq(['login', 'revoke', id])).toMatchObject({ status: 0 })
  await untilRefused(token)
  expect(await knock(token)).toMatchObject({ status: 401, code: 'login_revoked' })
  expect((await ended)[0]).toBe(3)
  expect(await home.spoq(['run', '--', 'true'])).toMatchObject({ status: 0 })
}, 120_000)

test('what a revoked personal access token was exchanged for opens nothing more either', async () => {
  const make = ['token', 'create', '--name', 'ci', '--scope', 'machine:read,machine:use', '--json']
  const [first, other] = [await home.spoq(make), await home.spoq(make)].map(({ stdout }) => JSON.parse(stdout))
  const ci = { ...laptop.environment, SPOQ_TOKEN: first.secret }
  const { ended } = await begunRun(ci)
  const [token, others] = [await exchanged(first.secret), await exchanged(other.secret)]
  expect([(await knock(token)).status, (await knock(others)).status]).toEqual([200, 200])

  expect(await home.spoq(['token', 'revoke', first.token.id])).toMatchObject({ status: 0 })
  await untilRefused(token)
  const asked = await fetch(`${home.machine.endpoint}/api/ask`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ question: 'who is there?', model: 'demo' }),
  })
  expect([asked.status, ((await asked.json()) as { code: string }).code]).toEqual([401, 'token_invalid'])
  expect((await ended)[0]).toBe(3)
  const again = await laptop.spoq(['ask', '--json', '--model', 'demo', 'hello'], { environment: ci })
  expect([again.status, JSON.parse(again.stdout).error.code]).toEqual([3, 'token_invalid'])
  expect(await knock(others)).toMatchObject({ status: 200 })
}, 120_000)
