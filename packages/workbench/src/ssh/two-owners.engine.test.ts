// Two owners, a machine each, two gateways, one backend: each reaches their own by every command and the other's by none,
// machines do not reach each other, and a gateway that dies is made up for by the other.

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { whyNoPostgres } from '../postgres/server.ts'
import type { Place } from './apart/net.ts'
import { gateways, type Owner, type Ran, startWorld, type World, whatIsMissing } from './apart/world.ts'
import { whyNoSshd } from './sshd.ts'

const whyNot = whyNoSshd() ?? whyNoPostgres ?? whatIsMissing()
if (whyNot) {
  console.log(`skipped: ${whyNot}`)
  if (process.env.CI === 'true') throw new Error(whyNot)
}
const knock = join(import.meta.dirname, 'apart/knock.ts')
const server = 'https://app.spoq.test'

describe.skipIf(whyNot)('two owners and two gateways', () => {
  let world: World
  const owners = () => [world.ann, world.ben]
  const ids = new Map<string, string>()
  const ok = (ran: Ran) => expect(ran, `${ran.err}\n${world.backend.said()}`).toMatchObject({ status: 0 })

  beforeAll(async () => {
    world = await startWorld()
    await Promise.all(
      owners().map(async owner => {
        ok(await owner.spoq('provision', '--name', owner.machine))
        ok(await owner.spoq('device', 'add', '--file', '/root/.ssh/id_ed25519.pub', '--all'))
        ok(await owner.spoq('profile', 'set', 'spoq', '--forward'))
        writeFileSync(join(owner.there, 'who'), `the machine of ${owner.name}\n`)
        const shown = await owner.spoq('machine', 'show', owner.machine, '--json')
        ids.set(owner.machine, JSON.parse(shown.out).machine.id)
      }),
    )
  }, 180_000)
  afterAll(() => world?.[Symbol.asyncDispose]())

  const tryAs = async (place: Place, what: string, ...words: string[]) =>
    (await world.within(place, process.execPath, knock, what, ...words)).out.trim()
  /** A port on a machine on which something answers as long as it is used. */
  async function listening(place: Place, port: number) {
    const [first = '', ...words] = [...place.enter, process.execPath, knock, 'listen', String(port)]
    const child = (await import('node:child_process')).spawn(first, words, { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    return { [Symbol.dispose]: () => void child.kill() }
  }

  test.each(['ann', 'ben'] as const)(
    '%s reaches the own machine by every command',
    async name => {
      const owner = world[name]
      const own = `the machine of ${name}\n`
      const { machine } = owner
      expect((await owner.spoq('ask', '--model', 'demo', '--mode', 'plan', 'count 3')).out).toContain('1 2 3')
      const ran = await owner.spoq('run', '--', 'sh', '-c', 'pwd; exit 3')
      expect(ran).toMatchObject({ status: 3, out: expect.stringContaining(`/${machine}/machine/workspace`) })
      expect(await owner.spoq('ssh', '--', 'cat who; exit 4')).toEqual({ status: 4, out: own, err: '' })

      const bytes = randomBytes(300_000)
      writeFileSync(join(owner.home, 'sent'), bytes)
      ok(await owner.spoq('cp', 'sent', `${machine}:got`))
      expect(readFileSync(join(owner.there, 'got')).equals(bytes)).toBe(true)
      ok(await owner.spoq('cp', ':who', 'back'))
      expect(readFileSync(join(owner.home, 'back'), 'utf8')).toBe(own)

      using _ = await listening(world.net.places[machine], 9_100)
      const forwarding = owner.startSpoq('forward', '--json', '9200:127.0.0.1:9100')
      await once(forwarding.stdout as NodeJS.ReadableStream, 'data')
      const script = "fetch('http://127.0.0.1:9200').then(r => r.text()).then(console.log)"
      expect(await owner.run(process.execPath, '-e', script)).toMatchObject({ out: 'from there\n', err: '' })
      const ended = once(forwarding, 'exit')
      forwarding.kill('SIGINT')
      expect(await ended).toEqual([0, null])

      mkdirSync(join(owner.home, 'app'))
      writeFileSync(join(owner.home, 'app/notes'), `notes of ${name}`)
      ok(await owner.spoq('sync', 'app'))
      const synced = join(world.folder, machine, 'machine/workspace/app/notes')
      expect(readFileSync(synced, 'utf8')).toBe(`notes of ${name}`)

      const [run] = JSON.parse((await owner.spoq('run', 'list', '--json')).out).runs
      expect((await owner.spoq('run', 'logs', run.id)).out).toContain(`/${machine}/machine`)
      ok(await owner.spoq('machine', 'logs', machine))
      expect((await owner.spoq('machine', 'show', machine)).out).toContain(machine)
      expect((await owner.spoq('status', '--machine', machine)).out).toContain(machine)
      expect(await tryAs(world.net.places[name], 'get', `https://${machine}.spoq.test/health`)).toBe('200')

      ok(await owner.spoq('ssh-config'))
      const plain = await owner.run('ssh', '-o', 'BatchMode=yes', `${machine}.spoq`, 'cat who')
      expect(plain).toEqual({ status: 0, out: own, err: '' })
    },
    60_000,
  )

  test.each([
    ['ann', 'ben'],
    ['ben', 'ann'],
  ] as const)(
    '%s reaches the machine of %s by no command, and hears nothing of it',
    async (name, other) => {
      const owner = world[name]
      const foreign = world[other].machine
      const noId = 'mach_00000000000000000000'
      const commands = (machine: string): string[][] => [
        ['ask', '--machine', machine, '--model', 'demo', 'hi'],
        ['run', '--machine', machine, '--', 'true'],
        ['run', 'list', '--machine', machine],
        ['ssh', '-m', machine, '--', 'true'],
        ['cp', `${machine}:who`, 'stolen'],
        ['cp', 'sent', `${machine}:got`],
        ['forward', '-m', machine, '9300'],
        ['sync', 'app', '--machine', machine],
        ['machine', 'logs', machine],
        ['machine', 'show', machine],
        ['machine', 'stop', machine],
        ['status', '--machine', machine],
      ]
      const all = async (machine: string) => {
        const told: Ran[] = []
        for (const words of commands(machine)) told.push(await owner.spoq(...words))
        return told.map(({ status, out, err }) => ({ status, out, err: err.replaceAll(machine, 'NAME') }))
      }
      const pairs = [[foreign, 'nobody'], ...(name === 'ben' ? [[ids.get(foreign) ?? '', noId]] : [])]
      for (const [theirs = '', nobodys = ''] of pairs) {
        const [refused, missing] = await Promise.all([all(theirs), all(nobodys)])
        expect(refused).toEqual(missing)
        for (const [at, { status, out, err }] of refused.entries()) {
          const of = commands(theirs)[at]?.join(' ')
          expect({ of, status, out, lines: err.trim().split('\n').length }).toEqual({
            of,
            status: 4,
            out: '',
            lines: 2,
          })
          expect(err).toContain('There is no machine NAME')
        }
      }
      expect(readFileSync(join(owner.home, '.ssh/config'), 'utf8')).not.toContain(foreign)
    },
    60_000,
  )

  test('raw ssh to the other’s machine with one’s own key is refused as a name that nobody has is', async () => {
    const raw = (owner: Owner, user: string, at: string) =>
      owner.run(
        'ssh',
        ...['-F', 'none', '-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=accept-new', '-l', user, at, 'cat who'],
      )
    for (const at of gateways) {
      expect(await raw(world.ben, 'bert', at)).toMatchObject({ status: 0, out: 'the machine of ben\n' })
      const [theirs, nobodys] = [await raw(world.ben, 'anna', at), await raw(world.ben, 'nobody', at)]
      expect(theirs).toMatchObject({
        status: 255,
        out: '',
        err: `anna@${at}: Permission denied (publickey,keyboard-interactive).\r\n`,
      })
      expect(nobodys.err).toBe(theirs.err.replace('anna', 'nobody'))
    }
  })

  test('no network leads from a computer to another, only to the gateways', async () => {
    const { anna, bert, ann } = world.net.places
    using _ = await listening(bert, 9_000)
    expect(await tryAs(world.net.cloud, 'open', bert.address, '9000')).toBe('open')
    const each = (ports: string[]) => Promise.all(ports.map(port => tryAs(anna, 'open', gateways[0], port)))
    const others = [anna, ann, world.net.places.ben].map(place => tryAs(place, 'open', bert.address, '9000'))
    expect(await Promise.all(others)).toEqual(['closed', 'closed', 'closed'])
    expect(await each(['443', '22'])).toEqual(['open', 'open'])
    // The backend, its database and the gateways' own ports are the cloud's alone.
    expect(await each(['4100', '5432', '4181', '2019'])).toEqual(['closed', 'closed', 'closed', 'closed'])
    for (const target of [`${bert.address}:9000`, 'bert.spoq.test:443', '127.0.0.1:4100'])
      expect(await tryAs(anna, 'connect', 'gateway-1.spoq.test', target)).not.toMatch(/^2/)
  })

  test('what a machine knows opens no other machine, by whatever name it asks', async () => {
    const { anna } = world.net.places
    const { tunnel } = JSON.parse(readFileSync(join(world.folder, 'anna/machine/conductor.json'), 'utf8'))
    const own = String(tunnel.token)
    expect(tunnel.others).toEqual(['https://gateway-2.spoq.test/tunnel'])
    expect(await tryAs(anna, 'get', 'https://bert.spoq.test/api/status', own)).toBe('401 token_invalid')
    expect(await tryAs(anna, 'get', `${server}/api/machines`, own)).toMatch(/^401/)
    const secret = JSON.parse(
      (await world.ann.spoq('token', 'create', '--name', 'mine', '--scope', 'machine:read', '--json')).out,
    ).secret
    const annas = await tryAs(anna, 'exchange', server, secret, ids.get('anna') ?? '')
    expect(await tryAs(anna, 'get', 'https://anna.spoq.test/api/status', annas)).toBe('200')
    expect(await tryAs(anna, 'get', 'https://bert.spoq.test/api/status', annas)).toBe('403 forbidden')
    expect(await tryAs(anna, 'exchange', server, secret, ids.get('bert') ?? '')).toMatch(/^4\d\d$/)

    const forged = own.replace(ids.get('anna') ?? '', ids.get('bert') ?? '')
    expect(await tryAs(anna, 'tunnel', 'gateway-1.spoq.test', forged)).toBe('401')
    // It is let in as itself, whatever name it came by.
    expect(await tryAs(anna, 'tunnel', 'gateway-1.spoq.test', own, 'bert.spoq.test')).toBe('101')
    expect((await world.ben.spoq('run', '--', 'pwd')).out).toContain('/bert/machine')
  })

  test('a gateway that is killed is made up for within five seconds, and is used again once it is back', async () => {
    const { ann } = world
    /** Tries until it works; how long after the kill that was, and how many tries it took. */
    const worksAfter = async (killed: number, expected: string, ...words: string[]) => {
      for (let tries = 1; ; tries++) {
        const ran = await ann.spoq(...words)
        const ms = Math.round(performance.now() - killed)
        if (ran.status === 0 && ran.out === expected) return { tries, ms }
        expect(ms, ran.err).toBeLessThan(5_000)
      }
    }
    const through = (at: string, command: string) =>
      ann.run('ssh', '-o', 'BatchMode=yes', '-o', `HostName=${at}`, 'anna.spoq', command)
    for (const dead of [0, 1] as const) {
      const [gone = '', other = ''] = dead === 0 ? gateways : [...gateways].reverse()
      // Who came in through the other notices nothing.
      for (const each of [gone, other])
        await expect.poll(async () => (await through(each, 'cat who')).status, { timeout: 30_000 }).toBe(0)
      const held = through(other, 'sleep 4; cat who')
      await world.kill(dead)
      const killed = performance.now()
      const [ssh, run] = await Promise.all([
        worksAfter(killed, 'the machine of ann\n', 'ssh', '--', 'cat who'),
        worksAfter(killed, 'ran\n', 'run', '--', 'sh', '-c', 'echo ran'),
      ])
      console.log(`gateway ${dead + 1} was killed; how they work again: ${JSON.stringify({ ssh, run })}`)
      expect(ssh.tries).toBe(1)
      expect(Math.max(ssh.ms, run.ms)).toBeLessThan(5_000)
      expect(await held).toMatchObject({ status: 0, out: 'the machine of ann\n' })
      await world.startGateway(dead)
    }
  }, 120_000)
})
