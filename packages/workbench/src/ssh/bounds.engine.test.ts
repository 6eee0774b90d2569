// What a person or a machine that means ill, or is only broken, costs the gateway: little memory, and none for long. Persons are
// in this very process, and read nothing, so that what grows is the gateway's.

import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  credentialOf,
  type End,
  ed25519Blob,
  enterMachine,
  installed,
  message,
  openSlabs,
  packet,
  reader,
  string,
  uint32,
} from '@spoq/kit/ssh-relay'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { authority, type Relaying, startRelaying } from './relaying.ts'
import { type Sshd, startSshd, whyNoSshd } from './sshd.ts'

const whyNot = whyNoSshd()
const mega = 1 << 20

describe.skipIf(whyNot)('a gateway', () => {
  const folder = mkdtempSync(join(tmpdir(), 'spoq-ssh-bounds-'))
  const person = generateKeyPairSync('ed25519')
  const line = `ssh-ed25519 ${ed25519Blob(person.publicKey).toString('base64')}`
  const ca = authority()
  const [library, slabs] = [installed(), openSlabs()]
  let sshd: Sshd
  let gateway: Relaying

  const machine = async (name: string) => {
    mkdirSync(join(folder, name))
    const config = [`TrustedUserCAKeys ${folder}/ca`, `AuthorizedPrincipalsFile ${folder}/principals`]
    return startSshd(join(folder, name), { config })
  }
  const before = (to: Sshd) =>
    startRelaying({
      ...{ sshd: to, authority: ca, person: { public: line, private: '' }, user: 'root' },
      ...{ policy: { channels: 20 }, patience: { ms: 2_000, packets: 50 }, library },
    })
  beforeAll(async () => {
    writeFileSync(join(folder, 'ca'), `${ca.line}\n`)
    writeFileSync(join(folder, 'principals'), 'mach_test\n')
    sshd = await machine('machine')
    gateway = await before(sshd)
  }, 120_000)
  afterAll(async () => {
    await gateway?.[Symbol.asyncDispose]()
    await sshd?.[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  const dial = (to = gateway) => connect(to.port, '127.0.0.1')
  const come = (to = gateway): Promise<End> =>
    enterMachine({
      ...{ library, slabs, socket: dial(to), user: 'root', patienceMs: 60_000 },
      hostKey: Buffer.from(to.hostKey.split(' ')[1] ?? '', 'base64'),
      credential: credentialOf(person.publicKey, person.privateKey),
    })
  const opening = (channel: number, type = 'session', ...more: Buffer[]) =>
    packet(message.channelOpen, string(type), uint32(channel), uint32(0xff_ff_ff_ff), uint32(32_768), ...more)
  const answer = async (end: End, ...types: number[]) => {
    for (;;) {
      const payload = await end.next()
      if (types.includes(payload[0] ?? 0)) return payload
    }
  }
  /** Runs a command, whose output has a window of 4 GiB. */
  async function run(end: End, command: string): Promise<void> {
    end.transport.send(opening(0))
    const there = reader(await answer(end, message.channelOpenConfirmation), 5).uint32()
    end.transport.send(packet(message.channelRequest, uint32(there), string('exec'), 0, string(command)))
  }
  const memory = () => {
    globalThis.gc?.()
    return process.memoryUsage.rss()
  }

  test('a reader with a window of 4 GiB that stops reading holds the machine up', async () => {
    const end = await come()
    await run(end, 'exec cat /dev/zero')
    await answer(end, message.channelData)
    end.transport.setReading(false)
    const start = memory()
    await sleep(4_000)
    expect(memory() - start).toBeLessThan(48 * mega)
    // It goes on where it was.
    let bytes = 0
    while (bytes < 64 * mega) bytes += (await answer(end, message.channelData)).length
    end.transport.cut('enough')
    await expect.poll(gateway.sessions).toBe(0)
  })

  test('10,000 channels are each answered, with a reason for those that are too many', async () => {
    const end = await come()
    const start = memory()
    const target = [string('127.0.0.1'), uint32(sshd.port), string('127.0.0.1'), uint32(1)]
    const all = 10_000
    for (let channel = 0; channel < all; channel++) end.transport.send(opening(channel, 'direct-tcpip', ...target))
    const counts = { opened: 0, full: 0, other: 0 }
    for (let seen = 0; seen < all; seen++) {
      const payload = await answer(end, message.channelOpenConfirmation, message.channelOpenFailure)
      const read = reader(payload, 5)
      if (payload[0] === message.channelOpenConfirmation) counts.opened += 1
      else if (read.uint32() === 4 && /as many as may be/.test(read.text())) counts.full += 1
      else counts.other += 1
    }
    expect(counts.opened).toBeGreaterThan(0)
    expect(counts.opened + counts.full).toBe(all)
    expect(memory() - start).toBeLessThan(48 * mega)
    end.transport.cut('enough')
    await expect.poll(gateway.sessions).toBe(0)
  })

  test('500 sessions that rest cost little', async () => {
    const ends: End[] = []
    const start = memory()
    const queue = Array.from({ length: 500 }, (_, at) => at)
    const work = async () => {
      while (queue.pop() !== undefined) ends.push(await come())
    }
    await Promise.all(Array.from({ length: 8 }, work))
    expect(gateway.sessions()).toBe(500)
    await sleep(500)
    // Both ends of the person's connection are in this process, and one of the machine's.
    expect((memory() - start) / 500).toBeLessThan(0.15 * mega)
    for (const end of ends) end.transport.cut('enough')
    await expect.poll(gateway.sessions, { timeout: 20_000 }).toBe(0)
  }, 180_000)

  test('who speaks SSH-1, or anything else, is told so and let go', async () => {
    for (const said of ['SSH-1.5-old\r\n', 'GET / HTTP/1.1\r\n\r\n', `${'x'.repeat(20_000)}`]) {
      const socket = dial()
      socket.write(said)
      expect(await text(socket)).toMatch(/^SSH-2\.0-Spoq\r\n/)
    }
  })

  test('who stops in the middle of a packet is let go in time', async () => {
    for (const said of ['SSH-2.0-slow', 'SSH-2.0-slow\r\n', 'SSH-2.0-slow\r\n\0\0\x01\0\x06']) {
      const [socket, began] = [dial(), Date.now()]
      socket.on('error', () => {}).write(said)
      socket.resume()
      await once(socket, 'close')
      expect(Date.now() - began).toBeLessThan(10_000)
    }
    await expect.poll(gateway.sessions).toBe(0)
  })

  test('a machine that dies in the middle ends its sessions, each with a reason', async () => {
    const dying = await machine('dying')
    await using other = await before(dying)
    const end = await come(other)
    await run(end, 'exec cat /dev/zero')
    await answer(end, message.channelData)
    end.take(
      () => {},
      () => {},
    )
    await dying.die()
    expect(await end.transport.closed).toBeTruthy()
    await expect.poll(other.sessions).toBe(0)
    expect(other.ended.at(-1)).toMatch(/went away|ECONNRESET|ended/)
    await expect(come(other)).rejects.toThrow()
    await dying[Symbol.asyncDispose]()
  })
})
