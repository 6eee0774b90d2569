// What bad input gets: one line that says what happened and one that says what to do, a documented exit status, a stable
// code with --json, and no stack trace. Everything here goes through the real command line against real processes.

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { codes, type ErrorCode } from '@spoq/contracts/problem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startOpenAi } from '../stand-ins/openai.ts'
import { type Computer, decide, newComputer, type Person, post, register, signIn } from './computer.ts'
import { type Home, type Ran, runSpoq, startHome } from './home.ts'

let home: Home
let owner: Person
const computers: Computer[] = []

beforeAll(async () => {
  home = await startHome()
  owner = JSON.parse(readFileSync(join(home.dataDir, 'server/first-account.json'), 'utf8'))
}, 120_000)

afterAll(async () => {
  await home.close()
  for (const computer of computers) computer.remove()
})

describe('the server', () => {
  test('an address where nothing answers', async () => {
    await expectRefusal(
      ['login', '--device', '--server', 'http://127.0.0.1:4'],
      'server_unknown',
      elsewhere().environment,
    )
  })

  test('a port that browsers refuse', async () => {
    await expectRefusal(
      ['login', '--device', '--server', 'http://127.0.0.1:6000'],
      'config_invalid',
      elsewhere().environment,
    )
  })

  test('an address where something else answers', async () => {
    const other = await startOpenAi([])
    await expectRefusal(
      ['login', '--device', '--server', new URL(other.url).origin],
      'server_not_spoq',
      elsewhere().environment,
    )
    await other.stop()
  })

  test('a port that another program has', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    await expectRefusal(['up', '--yes', '--exit', '--port', String(port)], 'port_taken', elsewhere().environment)
    other.close()
  })

  test('a data folder that another backend has', async () => {
    await expectRefusal(['up', '--yes', '--exit', '--port', '9'], 'data_dir_in_use', home.environment)
  })
})

describe('the login', () => {
  test('nobody is signed in', async () => {
    await expectRefusal(['ask', 'hello'], 'not_signed_in', elsewhere().environment)
  })

  test('the code was denied', async () => {
    const computer = elsewhere()
    const { words } = JSON.parse((await computer.spoq(['login', '--start'])).stdout)
    await decide(home.server, owner, words, 'deny')
    await expectRefusal(['login', '--finish'], 'code_denied', computer.environment, { again: 'code_expired' })
  })

  test('the login was revoked from another computer', async () => {
    const computer = elsewhere()
    await signIn(home.server, computer, owner)
    const mine = JSON.parse((await computer.spoq(['login', 'list', '--json'])).stdout) as {
      logins: { id: string; current: boolean }[]
    }
    const current = mine.logins.find(login => login.current)
    expect((await home.spoq(['login', 'revoke', String(current?.id)])).status).toBe(0)
    await expectRefusal(['whoami'], 'login_revoked', computer.environment)
    expect((await home.spoq(['whoami'])).status).toBe(0)
  })

  test('the password is wrong', async () => {
    const answer = await post(home.server, '/api/auth/login', { ...owner, password: 'not the password' })
    expect(answer.statusCode).toBe(401)
    expect(await answer.body.json()).toMatchObject({ code: 'wrong_password' })
  })

  test.each([-3600, 3600])(
    "this computer's clock is off by %i seconds: it works, or the clock is named",
    async seconds => {
      const environment = { ...home.environment, NODE_OPTIONS: shiftedClock(seconds) }
      const ran = await spoq(['ask', '--model', 'demo', 'hello', '--json'], environment)
      if (ran.status !== 0) expect(errorOf(ran).code).toBe('clock_off')
    },
  )
})

describe('the machine', () => {
  test("another owner's machine is not there", async () => {
    const mallory = { email: 'mallory@example.com', password: 'a long password' }
    const computer = elsewhere()
    await register(home.server, mallory)
    await signIn(home.server, computer, mallory)
    const { environment } = computer
    for (const verb of ['show', 'stop', 'start'])
      await expectRefusal(['machine', verb, home.machine.id], 'machine_not_found', environment)
    await expectRefusal(['machine', 'terminate', home.machine.id, '--now', '--yes'], 'machine_not_found', environment)
    await expectRefusal(['ask', 'hello'], 'no_machine', environment)
  })

  test('a machine that is not running', async () => {
    expect((await home.spoq(['machine', 'stop', home.machine.id])).status).toBe(0)
    await expectRefusal(['ask', 'hello'], 'machine_not_running', home.environment)
    expect((await home.spoq(['machine', 'start', home.machine.id])).status).toBe(0)
    expect((await home.spoq(['ask', '--model', 'demo', 'hello'])).status).toBe(0)
  })
})

describe('the model', () => {
  test('there is none', async () => {
    await expectRefusal(['ask', 'hello'], 'no_model', home.environment)
  })

  test('its stream is cut in the middle: what came is kept and shown', async () => {
    const model = await startOpenAi(asked =>
      asked.body.messages.length < 2 ? { pieces: ['ok'] } : { pieces: ['half ', 'an answer'], cut: true },
    )
    await home.spoq(['model', 'use', 'stand-in', '--url', model.url])
    const ran = await home.spoq(['ask', '--no-files', 'hello'])
    expect(ran.stdout).toContain('half an answer')
    expect(ran.status).toBe(codes.model_cut.exit)
    expect(ran.stderr).toContain('cut off')
    expect(ran.stderr).not.toMatch(stack)
    await model.stop()
  })
})

describe('the words', () => {
  test.each([
    [['frobnicate'], 'unknown_command'],
    [['machine'], 'usage'],
    [['machine', 'show', '--frobnicate'], 'usage'],
    [['machine', 'terminate', 'owner'], 'needs_terminal'],
  ] satisfies [string[], ErrorCode][])('%j', async (args, code) => {
    await expectRefusal(args, code, home.environment)
  })
})

const stack = /\n\s+at .+[:(]\d+/

/** Refused as the table of codes says: by status, by two short lines, and by code with --json. */
async function expectRefusal(
  args: string[],
  code: ErrorCode,
  environment: Record<string, string>,
  { again = code }: { again?: ErrorCode } = {},
): Promise<void> {
  const plain = await spoq(args, environment)
  expect(plain, plain.stderr).toMatchObject({ status: codes[code].exit, stdout: '' })
  const lines = plain.stderr.trim().split('\n')
  expect(lines.length, plain.stderr).toBeLessThanOrEqual(code === 'port_taken' ? 3 : 2)
  expect(plain.stderr).not.toMatch(stack)
  const json = await spoq([...args, '--json'], environment)
  expect(json.status).toBe(codes[again].exit)
  expect(errorOf(json)).toMatchObject({ code: again, message: expect.any(String), next: expect.any(String) })
}

const errorOf = (ran: Ran) =>
  (JSON.parse(ran.stdout.trim().split('\n').at(-1) ?? '') as { error: { code: string } }).error

const spoq = (args: string[], environment: Record<string, string>) => runSpoq(args, { environment })

/** Another computer that knows the same server. */
function elsewhere(): Computer {
  const computer = newComputer(home.server)
  computers.push(computer)
  return computer
}

/** Makes a process believe in another time, from its first line on. */
function shiftedClock(seconds: number): string {
  const script = `const now = Date.now.bind(Date); Date.now = () => now() + ${seconds * 1000}`
  return `--import data:text/javascript,${encodeURIComponent(script)}`
}
