import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startTestServer, type TestServer } from '@spoq/kit/ssh-job/test-server'
import ssh2 from 'ssh2'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { listRecords } from '../audit/list.ts'
import type { Database } from '../db/open.ts'
import { emptyTables, testDatabase } from '../db/test-database.ts'
import { create as createMachine } from '../machine/create.ts'
import { findMachine } from '../machine/store.ts'
import { putMachine, testPorts } from '../machine/test-ports.ts'
import { type TestKeys, testKeys } from '../secret/test-keys.ts'
import { claim } from './claim.ts'
import { create } from './create.ts'
import { fingerprintOf } from './fingerprint.ts'
import { addLine } from './line.ts'
import { list } from './list.ts'
import type { ConnectionPorts } from './ports.ts'
import { probe } from './probe.ts'
import { addressOf } from './reach.ts'
import { remove } from './remove.ts'
import { rotate } from './rotate.ts'
import { serversOf } from './servers.ts'
import { changeConnection, findConnection } from './store.ts'

const alice = { account: 'alice', requestId: 'req_alice' }
const by = { actor: 'account:alice' }

let database: Database
let keys: TestKeys
let ports: ConnectionPorts
let counted: string[]
beforeAll(async () => {
  database = await testDatabase()
  keys = testKeys()
})
beforeEach(async () => {
  await emptyTables(database, 'secret')
  counted = []
  ports = {
    ...{ db: database.db, keys: keys.keys, now: Date.now, isOffered: true, anyAddress: true },
    resolve: async () => [{ address: '127.0.0.1', family: 4 }],
    count: account => void counted.push(account),
  }
})
afterAll(async () => {
  await database.close()
  keys.remove()
})

interface Owned {
  server: TestServer
  file: string
  keys: () => string[]
  paste: (line: string) => void
}

/** A server that takes the keys of a file, as sshd does, and says of itself what is given. */
async function ownedServer(looks: Record<string, string> = {}): Promise<Owned> {
  const folder = mkdtempSync(join(tmpdir(), 'spoq-owned-'))
  const file = join(folder, 'authorized_keys')
  writeFileSync(file, '')
  const taken = () => [...readFileSync(file, 'utf8').matchAll(/ssh-ed25519 \S+/g)].map(([key]) => key)
  const said = { system: 'debian 12', user: '0', systemd: 'yes', machine: '', free: '9000', ...looks }
  const text = Object.entries(said).map(([name, value]) => `echo "${name} ${value}"`)
  const as = (command: string) => {
    if (command.includes('/etc/os-release')) return text.join('\n')
    // The file of this test in the place of the user's.
    return command.replace(/^a=\$\(getent.*$/m, `a=${file}`)
  }
  const server = await startTestServer({ takes: taken, as })
  onTestFinished(async () => {
    await server[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  })
  const lines = () => readFileSync(file, 'utf8').split('\n').filter(Boolean)
  return { server, file, keys: lines, paste: line => writeFileSync(file, `${lines().concat(line).join('\n')}\n`) }
}

const connectTo = ({ server }: Owned, user = 'root') =>
  create(ports, alice, { address: 'Server.Example', port: server.target.port ?? 0, user })

const failure = async (work: Promise<unknown>) =>
  work.then(
    () => expect.unreachable(),
    error => error,
  )

async function broughtIn(looks: Record<string, string> = {}) {
  const owned = await ownedServer(looks)
  const connection = await connectTo(owned)
  owned.paste(connection.publicKey)
  const machine = await putMachine(database, { account_id: 'alice', provider: 'byo' })
  const bind = await claim(ports, 'alice', connection.id, fingerprintOf(owned.server.hostKey))
  await database.db.transaction().execute(trx => bind(trx, machine.id))
  return { owned, connection, machine }
}

test('a key is made for the connection alone; asked again, twice at once too, it is the same one', async () => {
  const owned = await ownedServer()
  const [one, other] = await Promise.all([connectTo(owned), connectTo(owned)])
  expect(other).toEqual(one)
  expect(await connectTo(owned)).toEqual(one)
  expect(await list(ports.db, 'alice')).toEqual([one])
  expect(one.publicKey).toMatch(new RegExp(`^restrict ssh-ed25519 AAAA\\S+ spoq-${one.id}$`))
  expect((await connectTo(owned, 'ada')).publicKey).not.toBe(one.publicKey)
  expect((await listRecords(ports.db, one.id)).map(({ action }) => action)).toEqual(['connection.create'])
})

test('the private key stands nowhere in the clear, and in no answer', async () => {
  const owned = await ownedServer()
  const connection = await connectTo(owned)
  const target = serversOf(ports).target(connection.id)
  const { privateKey } = await target
  expect(ssh2.utils.parseKey(privateKey)).not.toBeInstanceOf(Error)
  const inside = privateKey.split('\n')[2] ?? ''
  expect(inside.length).toBeGreaterThan(40)
  const rows = await ports.db.selectFrom('connection').selectAll().execute()
  const secrets = await ports.db.selectFrom('secret').selectAll().execute()
  const records = await listRecords(ports.db, connection.id)
  expect(JSON.stringify([rows, secrets, records, connection])).not.toContain(inside)
})

test('how the server looks: before the key is there, with it, and away; its fingerprint also before', async () => {
  const owned = await ownedServer()
  const { id, publicKey } = await connectTo(owned)
  const fingerprint = fingerprintOf(owned.server.hostKey)
  expect(await probe(ports, 'alice', id)).toMatchObject({ state: 'key_missing', fingerprint, system: null })
  owned.paste(publicKey)
  expect(await probe(ports, 'alice', id)).toEqual({ state: 'ready', fingerprint, system: 'debian 12', reason: null })
  await owned.server[Symbol.asyncDispose]()
  expect(await probe(ports, 'alice', id)).toMatchObject({ state: 'unreachable', fingerprint: null })
  expect(counted).toEqual(['alice', 'alice', 'alice'])
})

test.each([
  [{ user: '1000' }, /cannot become root/],
  [{ system: 'centos 7' }, /^It runs centos 7; Debian 12 or an Ubuntu LTS is needed/],
  [{ machine: 'mach_0123456789abcdef others' }, /^It is the machine mach_0123456789abcdef already/],
  [{ taken: '443' }, /^Port 443 is taken there/],
  [{ caddy: 'yes' }, /^Caddy is there already/],
  [{ free: '12' }, /^Its disk is full: 12 MB/],
])('a server that says %j cannot become a machine, and it is said why', async (looks, why) => {
  const owned = await ownedServer(looks)
  const { id, publicKey } = await connectTo(owned)
  owned.paste(publicKey)
  expect(await probe(ports, 'alice', id)).toMatchObject({ state: 'unfit', reason: expect.stringMatching(why) })
  const fingerprint = fingerprintOf(owned.server.hostKey)
  expect(await failure(claim(ports, 'alice', id, fingerprint))).toMatchObject({ code: 'connection_unready' })
})

test('another account neither sees nor uses it', async () => {
  const { id } = await connectTo(await ownedServer())
  expect(await list(ports.db, 'bob')).toEqual([])
  const bob = { account: 'bob', requestId: 'req_bob' }
  for (const work of [probe(ports, 'bob', id), remove(ports, bob, id), claim(ports, 'bob', id, 'SHA256:x')])
    expect(await failure(work)).toMatchObject({ code: 'connection_not_found' })
})

test('only public addresses are connected to, unless this is an own computer; a name is judged by all it leads to', async () => {
  const found = async (...addresses: string[]) => {
    const resolve = async () => addresses.map(address => ({ address, family: address.includes(':') ? 6 : 4 }))
    return addressOf({ ...ports, anyAddress: false, resolve }, 'a.example').catch(({ code }) => code)
  }
  expect(await found('8.8.8.8')).toBe('8.8.8.8')
  for (const inside of ['127.0.0.1', '10.0.0.1', '169.254.169.254', '::1', 'fd00::1'])
    for (const addresses of [[inside], ['8.8.8.8', inside]])
      expect(await found(...addresses), String(addresses)).toBe('address_refused')
  expect(await found()).toBe('address_refused')
  expect(await failure(addressOf({ ...ports, anyAddress: false }, '192.168.1.1'))).toMatchObject({
    code: 'address_refused',
  })
  expect(await addressOf(ports, '192.168.1.1')).toBe('192.168.1.1')
})

test('without a domain for machines there are no connections, and it is said what is missing', async () => {
  ports.isOffered = false
  expect(await failure(connectTo(await ownedServer()))).toMatchObject({
    code: 'provider_unknown',
    next: expect.stringContaining('MACHINE_DOMAIN'),
  })
})

test('a machine is made of the server that was confirmed, once; of another key than confirmed nothing is made', async () => {
  const owned = await ownedServer()
  const { id, publicKey } = await connectTo(owned)
  owned.paste(publicKey)
  const providers = new Map([['byo', { capabilities: { hardware: 'own' } }]]) as never
  const machines = {
    ...testPorts(database, providers),
    claimServer: (account: string, connection: string, confirmed: string) =>
      claim(ports, account, connection, confirmed),
  }
  const make = (fingerprint?: string) =>
    createMachine(machines, alice, { connection: id, ...(fingerprint ? { fingerprint } : {}) }, undefined)
  expect(await failure(make())).toMatchObject({ code: 'connection_needed' })
  expect(await failure(make(`SHA256:${'A'.repeat(43)}`))).toMatchObject({ code: 'host_key_changed' })
  expect(await list(ports.db, 'alice')).toMatchObject([{ machine: null, fingerprint: null }])
  const fingerprint = fingerprintOf(owned.server.hostKey)
  const made = await Promise.allSettled([make(fingerprint), make(fingerprint)])
  const [one, ...more] = made.filter(({ status }) => status === 'fulfilled')
  expect(more).toEqual([])
  const { machine } = (await list(ports.db, 'alice'))[0] ?? {}
  expect(one).toMatchObject({ value: { id: machine, provider: 'byo' } })
  expect(await failure(remove(ports, alice, id))).toMatchObject({ code: 'connection_in_use' })
  expect(await serversOf(ports).find(String(machine))).toMatchObject({ ref: id, machine, isEnding: false })
})

test('once its machine is over the server is free again, and is nobody’s machine', async () => {
  const { connection, machine } = await broughtIn()
  await ports.db.updateTable('machine').set({ state: 'terminated' }).where('id', '=', machine.id).execute()
  const servers = serversOf(ports)
  expect([await servers.list(), await servers.find(machine.id), await servers.get(connection.id)]).toEqual([
    [],
    null,
    null,
  ])
  await remove(ports, alice, connection.id)
  expect(await list(ports.db, 'alice')).toEqual([])
  expect(await ports.db.selectFrom('secret').selectAll().execute()).toEqual([])
})

test('removed, the key is taken off a server that was confirmed; else the line is told that does it', async () => {
  const { owned, connection, machine } = await broughtIn()
  await ports.db.updateTable('machine').set({ state: 'terminated' }).where('id', '=', machine.id).execute()
  owned.paste('ssh-ed25519 AAAAowners owner')
  expect(await remove(ports, alice, connection.id)).toEqual({ line: null })
  expect(owned.keys()).toEqual(['ssh-ed25519 AAAAowners owner'])
  const { id } = await connectTo(owned)
  expect((await remove(ports, alice, id)).line).toMatch(/grep -vF/)
})

test('rotated: the new key opens, the old one does not, and the others stay', async () => {
  const { owned, connection } = await broughtIn()
  owned.paste('ssh-ed25519 AAAAowners owner')
  const before = await serversOf(ports).target(connection.id)
  const after = await rotate(ports, connection.id, by)
  expect(after.publicKey).not.toBe(connection.publicKey)
  expect(owned.keys().sort()).toEqual([after.publicKey, 'ssh-ed25519 AAAAowners owner'].sort())
  expect((await serversOf(ports).target(connection.id)).privateKey).not.toBe(before.privateKey)
  expect(await probe(ports, 'alice', connection.id)).toMatchObject({ state: 'ready' })
  expect(await ports.db.selectFrom('secret').selectAll().execute()).toHaveLength(1)
  expect(await listRecords(ports.db, connection.id)).toMatchObject([{}, { action: 'connection.rotate' }])
})

// Mutant: the old key taken away before the row names the new one.
test('a rotation that is cut off at any connection leaves a key that opens, and the next one finishes it', async () => {
  const { owned, connection, machine } = await broughtIn()
  for (let at = 1; at <= 3; at++) {
    const first = owned.server.connections()
    owned.server.onConnection = () => owned.server.connections() !== first + at
    expect(await failure(rotate(ports, connection.id, by))).toMatchObject({ code: 'connection_unready' })
    owned.server.onConnection = () => true
    expect(await probe(ports, 'alice', connection.id), `cut at ${at}`).toMatchObject({ state: 'ready' })
    const { publicKey } = await rotate(ports, connection.id, by)
    expect(owned.keys(), `cut at ${at}`).toEqual([publicKey])
    expect(await findConnection(ports.db, connection.id)).toMatchObject({ next_secret_id: null, old_public_key: null })
  }
  expect((await findMachine(ports.db, machine.id))?.state).toBe('pending')
})

test('a server with another host key is not told the new key', async () => {
  const { owned, connection } = await broughtIn()
  const other = await ownedServer()
  const [kind, blob] = other.server.hostKey.split(' ')
  await changeConnection(ports.db, connection.id, { host_key: `${kind} ${blob}` })
  expect(await failure(rotate(ports, connection.id, by))).toMatchObject({ code: 'host_key_changed' })
  expect(owned.keys()).toEqual([connection.publicKey])
})

test('forgotten, nothing of it is left: no row, no key', async () => {
  const { connection } = await broughtIn()
  const servers = serversOf(ports)
  await servers.forget(connection.id)
  await servers.forget(connection.id)
  expect(await list(ports.db, 'alice')).toEqual([])
  expect(await ports.db.selectFrom('secret').selectAll().execute()).toEqual([])
  expect(await failure(servers.target(connection.id))).toMatchObject({ kind: 'gone' })
})

test('the line is one line, ends with the key, and adds it once, after whatever stands in the file', async () => {
  const { execFileSync } = await import('node:child_process')
  const folder = mkdtempSync(join(tmpdir(), 'spoq-line-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const key = "restrict ssh-ed25519 AAAAx it's-conn_1"
  const line = addLine('root', key)
  expect(line).not.toContain('\n')
  // In the place of the user's home and of root's rights.
  const tools = { getent: `echo "root:x:0:0::${folder}:/bin/sh"`, sudo: 'exec "$@"', chown: ':' }
  for (const [name, text] of Object.entries(tools))
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
  const env = { PATH: `${folder}:${process.env.PATH}` }
  const paste = (shell: string) => execFileSync(shell, ['-c', line], { env, encoding: 'utf8' })
  expect(paste('sh')).toBe('Spoq may come in now.\n')
  writeFileSync(join(folder, '.ssh/authorized_keys'), 'ssh-ed25519 AAAAowners owner')
  for (const shell of ['sh', 'bash']) paste(shell)
  expect(readFileSync(join(folder, '.ssh/authorized_keys'), 'utf8')).toBe(`ssh-ed25519 AAAAowners owner\n${key}\n`)
})
