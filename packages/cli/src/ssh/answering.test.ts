import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { SshPlace } from '@spoq/contracts/ssh'
import { expect, onTestFinished, test } from 'vitest'
import { answering } from './answering.ts'

/** Something that listens, and the place of it; how often it was asked. */
async function listening(take: (socket: Socket) => void) {
  const sockets: Socket[] = []
  const server = createServer(socket => {
    sockets.push(socket.on('error', () => {}))
    take(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const place: SshPlace = { host: '127.0.0.1', port: (server.address() as AddressInfo).port }
  return { place, asked: () => sockets.length, open: () => sockets.filter(({ destroyed }) => !destroyed).length }
}

const gateway = () => listening(socket => void socket.write('SSH-2.0-Spoq\r\n'))
/** A port where nobody listens. */
async function nobody(): Promise<SshPlace> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise(done => server.close(done))
  return { host: '127.0.0.1', port }
}

test('the first that answers is taken, and the others are not asked', async () => {
  const [one, two] = [await gateway(), await gateway()]
  expect(await answering([one.place, two.place])).toEqual(one.place)
  expect(two.asked()).toBe(0)
  await expect.poll(one.open).toBe(0)
})

test('where nobody listens, or what does is no SSH, says nothing or goes away, the next is taken', async () => {
  const there = await gateway()
  const full = await listening(socket => socket.end('Too many connections at a time.\r\n'))
  const dead = await listening(socket => void socket.destroy())
  const silent = await listening(() => {})
  for (const other of [await nobody(), full.place, dead.place, silent.place])
    expect(await answering([other, there.place])).toEqual(there.place)
  await expect.poll(silent.open).toBe(0)
})

test('where none answers that is told, and a name that is none is as one', async () => {
  expect(await answering([await nobody(), { host: 'nowhere.invalid', port: 22 }])).toBeNull()
})
