// The question of who has no key, with ssh2's own client on the other side.

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { Client } from 'ssh2'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { keyPairOf } from '../ssh-key/index.ts'
import { admitPerson, type Door, installed, openSlabs, type Patience } from './index.ts'

const library = installed()
const hostKey = library.readHostKey(keyPairOf(randomBytes(32), 'gateway').private)
const slabs = openSlabs()
let door: Door<string>
let patience: Partial<Patience>
/** How each connection ended for the gateway: who it was, or why nobody. */
let ended: PromiseWithResolvers<string>
let failures: number

const server = createServer(socket => {
  socket.on('error', () => {})
  admitPerson({ library, slabs, socket, hostKey, door, patience }).then(
    ({ who, by, welcome }) => {
      welcome()
      ended.resolve(`${who} by ${by}`)
    },
    error => ended.resolve(error.message),
  )
})
beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(() => void server.close())
beforeEach(() => {
  ;[ended, failures, patience] = [Promise.withResolvers(), 0, {}]
})

/** A client that answers each question so, and what came of it. */
function connect(answer: (shown: string, times: number) => boolean) {
  const client = new Client()
  const shown: string[] = []
  client.on('keyboard-interactive', (_name, instructions, _language, _prompts, finish) => {
    shown.push(instructions)
    if (answer(instructions, shown.length)) finish([''])
    else client.destroy()
  })
  const said = Promise.race([
    once(client, 'ready').then(() => 'in'),
    once(client, 'error').then(([error]) => String(error.message)),
    once(client, 'close').then(() => 'closed'),
  ]).catch(error => String(error.message))
  client.on('error', () => {})
  const { port } = server.address() as AddressInfo
  client.connect({ host: '127.0.0.1', port, username: 'alice', tryKeyboard: true })
  return { client, shown, said }
}

const asking = (times: number, who: string | null): Door<string> => ({
  byKey: async () => null,
  byQuestion: async (user, show) => {
    for (let time = 1; time <= times; time++) await show(`${user}, ${time}`)
    return who
  },
  failed: () => void failures++,
})

test('it is shown as often as the door asks, and then they are in', async () => {
  door = asking(3, 'ann')
  const { client, shown, said } = connect(() => true)
  expect(await said).toBe('in')
  expect(await ended.promise).toBe('ann by question')
  expect([shown, failures]).toEqual([['alice, 1', 'alice, 2', 'alice, 3'], 0])
  client.end()
})

test('whom nobody let in is told so, counted once, and asked no second time', async () => {
  door = asking(1, null)
  const { shown, said } = connect(() => true)
  expect(await said).not.toBe('in')
  expect(await ended.promise).toContain('Nobody let you in by the words')
  expect([shown.length, failures]).toEqual([1, 1])
})

test('who goes away in the middle ends the question, and what comes later lets nobody in', async () => {
  const gone = Promise.withResolvers<string>()
  door = {
    ...asking(1, 'ann'),
    byQuestion: async (_, show) => {
      await show('first').catch(error => {
        gone.resolve(error.name)
        throw error
      })
      return 'ann'
    },
  }
  connect(() => false)
  expect(await gone.promise).toBe('Ended')
  expect(await ended.promise).not.toContain('ann')
})

test('who never answers is not waited for, also where the door would', async () => {
  patience = { questionMs: 50 }
  door = { ...asking(1, 'ann'), byQuestion: () => new Promise(() => {}) }
  connect(() => true)
  expect(await ended.promise).toContain('Nobody said yes in time')
})

test('a door without a question offers none', async () => {
  door = { byKey: async () => null, failed: () => void failures++ }
  const { client, shown, said } = connect(() => true)
  expect(await said).toContain('authentication methods failed')
  expect(shown).toEqual([])
  client.end()
})
