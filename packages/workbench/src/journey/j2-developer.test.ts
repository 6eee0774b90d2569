// J2: a developer with an account at a server somebody else runs, on a computer that has nothing yet. Without what later
// parts bring: subscribe, sync, ssh. Its SSH key is in device.test.ts.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Computer, newComputer, register, signIn } from './computer.ts'
import { type Home, startHome } from './home.ts'

const person = { email: 'dev@example.com', password: 'a long password' }
let home: Home
let laptop: Computer

beforeAll(async () => {
  home = await startHome()
  laptop = newComputer(home.server)
  await register(home.server, person)
}, 120_000)

afterAll(async () => {
  laptop.remove()
  await home.close()
})

const json = async (args: string[]) => JSON.parse((await laptop.spoq([...args, '--json'])).stdout)

test('signs in by three words that the browser approves', async () => {
  await signIn(home.server, laptop, person)
  expect((await laptop.spoq(['whoami'])).stdout).toContain(person.email)
  expect((await json(['login', 'list'])).logins).toMatchObject([{ current: true }])
})

test('init makes what is missing, and made again changes nothing', async () => {
  expect(await laptop.spoq(['init', '--yes'])).toMatchObject({ status: 0 })
  const before = await json(['machine', 'list'])
  expect(before.machines).toMatchObject([{ state: 'running', provider: 'local' }])
  expect(await laptop.spoq(['init', '--yes'])).toMatchObject({ status: 0 })
  expect(await json(['machine', 'list'])).toEqual(before)
})

test('asks about a file, and goes on in the same session', async () => {
  const first = await laptop.spoq(['ask', '--model', 'demo', 'what is this?', '-f', 'README.md:1-3'])
  expect(first).toMatchObject({ status: 0, stdout: expect.stringContaining('[demo: scripted, not AI]') })
  const again = await laptop.spoq(['ask', '--continue', '--model', 'demo', '--json', 'and then?'])
  const events = again.stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as { id: number; type: string })
  expect(events[0]?.id).toBeGreaterThan(1)
  expect(events.at(-1)?.type).toBe('turn.done')
})

test('runs a command with its input, output and exit status', async () => {
  const ran = await laptop.spoq(['run', '--', 'sh', '-c', 'cat; echo wrong >&2; exit 3'], { input: 'from here' })
  expect(ran).toEqual({ status: 3, stdout: 'from here', stderr: 'wrong\n' })
})

test('stops and starts the machine; its files stay', async () => {
  const { machines } = await json(['machine', 'list'])
  await laptop.spoq(['run', '--', 'sh', '-c', 'echo kept > file'])
  expect(await laptop.spoq(['machine', 'stop', machines[0].name])).toMatchObject({ status: 0 })
  expect(await json(['machine', 'show', machines[0].name])).toMatchObject({ machine: { state: 'stopped' } })
  expect(await laptop.spoq(['machine', 'start', machines[0].name])).toMatchObject({ status: 0 })
  expect(await laptop.spoq(['run', '--', 'cat', 'file'])).toMatchObject({ status: 0, stdout: 'kept\n' })
})

test('terminates the machine and signs out; neither is there any more', async () => {
  const { machines } = await json(['machine', 'list'])
  expect(await laptop.spoq(['machine', 'terminate', machines[0].name, '--now', '--yes'])).toMatchObject({ status: 0 })
  expect(await json(['machine', 'list'])).toEqual({ machines: [] })
  expect(await laptop.spoq(['logout'])).toMatchObject({ status: 0 })
  expect(await laptop.spoq(['whoami'])).toMatchObject({ status: 3 })
})
