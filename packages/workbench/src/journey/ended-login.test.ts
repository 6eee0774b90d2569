// A login that ends is refused by the machine within seconds, though its token there lives for an hour.

import { once } from 'node:events'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
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

test('what the login has open ends, its token opens nothing more, and the other login goes on', async () => {
  const run = home.start(['run', '--', 'sh', '-c', 'echo begun; sleep 300'], { environment: laptop.environment })
  await once(run.stdout ?? expect.fail('no output'), 'data')
  const token = stolenToken()
  expect(await knock(token)).toMatchObject({ status: 200 })

  const { logins } = JSON.parse((await laptop.spoq(['login', 'list', '--json'])).stdout)
  const { id } = logins.find(({ current }: { current: boolean }) => current)
  const ended = once(run, 'exit')
  expect(await home.spoq(['login', 'revoke', id])).toMatchObject({ status: 0 })
  const revokedAt = Date.now()
  while ((await knock(token)).status === 200) {
    if (Date.now() - revokedAt > 30_000) throw new Error('it is let in still')
    await sleep(50)
  }
  expect(await knock(token)).toMatchObject({ status: 401, code: 'login_revoked' })
  expect((await ended)[0]).toBe(3)
  expect(await home.spoq(['run', '--', 'true'])).toMatchObject({ status: 0 })
}, 120_000)
