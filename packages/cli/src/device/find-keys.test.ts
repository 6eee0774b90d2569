import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { keyPairOf } from '@spoq/kit/ssh-key'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Context } from '../context.ts'
import { temporaryFolder } from '../testing.ts'
import { computerName } from './computer-name.ts'
import { keysOf } from './fetch-handle.ts'
import { makeKey } from './make-key.ts'
import { ownKeys } from './own-keys.ts'
import { keysOfFile } from './read-file.ts'

const line = (n: number) => keyPairOf(Buffer.alloc(32, n), 'somebody').public
function folder(): string {
  const made = temporaryFolder()
  onTestFinished(() => made[Symbol.dispose]())
  return made.path
}
const portOf = (server: Server) => (server.address() as AddressInfo).port
async function listening(server: Server): Promise<Server> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return server
}
const context = (handles?: Context['handles']) => ({ handles }) as Context

test('a key beside its private one is this computer’s, any other is called as its file', () => {
  const at = folder()
  const own = makeKey(join(at, '.ssh'))
  expect(own).toMatchObject({ isHere: true, isExact: true, keys: [{ name: computerName() }] })
  writeFileSync(join(at, 'phone.pub'), line(1))
  expect(keysOfFile(join(at, 'phone.pub'))).toMatchObject({ isHere: false, keys: [{ name: 'phone' }] })
  writeFileSync(join(at, '.two keys'), `${line(1)}\n${line(2)}`)
  expect(keysOfFile(join(at, '.two keys'))).toMatchObject({
    isExact: false,
    keys: [{ name: 'x.two keys-1' }, { name: 'x.two keys-2' }],
  })
})

test('what is no file, is too large or is not there is refused and not read', () => {
  const at = folder()
  writeFileSync(join(at, 'large'), 'x'.repeat(65_537))
  mkdirSync(join(at, 'folder'))
  symlinkSync('/dev/zero', join(at, 'zero'))
  for (const name of ['large', 'folder', 'zero'])
    expect(() => keysOfFile(join(at, name)), name).toThrow(expect.objectContaining({ code: 'key_refused' }))
  expect(() => keysOfFile(join(at, 'none'))).toThrow(expect.objectContaining({ code: 'no_keys' }))
})

test('of the keys of ~/.ssh an Ed25519 one goes first; what cannot be read is none', () => {
  const at = folder()
  expect(ownKeys(join(at, 'none'))).toEqual([])
  writeFileSync(join(at, 'id_rsa.pub'), 'damaged')
  writeFileSync(join(at, 'id_ecdsa.pub'), line(1))
  writeFileSync(join(at, 'id_ed25519.pub'), line(2))
  writeFileSync(join(at, 'config'), 'Host x')
  expect(ownKeys(at).map(({ file }) => file)).toEqual([join(at, 'id_ed25519.pub'), join(at, 'id_ecdsa.pub')])
})

test('where a proxy is set the handle is asked through it', async () => {
  const asked: string[] = []
  const handles = await listening(createServer((_, response) => response.end(line(1))))
  const proxy = createServer((request: IncomingMessage, response) => {
    asked.push(String(request.url))
    response.end(line(1))
  })
  proxy.on('connect', ({ url }, socket) => {
    asked.push(String(url))
    const through = connect(portOf(handles), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      through.pipe(socket).pipe(through)
    })
  })
  await listening(proxy)
  vi.stubEnv('HTTP_PROXY', `http://127.0.0.1:${portOf(proxy)}`)
  vi.stubEnv('http_proxy', `http://127.0.0.1:${portOf(proxy)}`)
  vi.stubEnv('NO_PROXY', '')
  vi.stubEnv('no_proxy', '')
  onTestFinished(() => void vi.unstubAllEnvs())
  const found = await keysOf(context({ sshid: 'http://sshid.test', github: undefined }), 'sshid', 'oaftobark')
  expect(found).toMatchObject({
    source: 'sshid:oaftobark',
    keys: [{ name: 'oaftobark' }],
    isHere: false,
    isExact: false,
  })
  expect(asked).toEqual([expect.stringContaining('sshid.test')])
})
