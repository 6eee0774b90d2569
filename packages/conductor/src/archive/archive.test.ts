// A machine is archived, changed, and put back; and what no archive may do to it.

import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { writeFile } from './file.ts'
import { type Member, manifestName, tally } from './manifest.ts'
import { stage } from './stage.ts'
import { beginStaging, carryThrough, decide, type Place } from './switch.ts'
import { about, archiveOf, emptyPlace, fill, linesOf, link, membersOf, tarOf, type Unpacked } from './test-place.ts'
import { writeArchive } from './write.ts'

const restoring = (place: Place) => ({ ...place, atRest: () => true, restart: () => {} })

/** Puts an archive back, as the Conductor does before it starts anew. */
async function putBack(place: Place, archive: Buffer) {
  const restored = await writeArchive(restoring(place), Readable.from([archive]))
  carryThrough(place)
  return restored
}

function busyPlace(): Place {
  const place = emptyPlace()
  const long = `deep/${'a-long-name-'.repeat(12)}/${'and-longer-'.repeat(15)}`
  fill(place, { 'a.txt': 'one', 'b/run.sh': '#!/bin/sh', 'b/empty': '', 'ünïcode/日本.txt': 'x', [long]: 'deep' })
  fill(place, { 'big.bin': Buffer.alloc(3 << 20, 'spoq'), 'README.md': 'upper', 'readme.md': 'lower' })
  chmodSync(join(place.workspace, 'b/run.sh'), 0o755)
  chmodSync(join(place.workspace, 'a.txt'), 0o440)
  mkdirSync(join(place.workspace, 'nothing'), { mode: 0o711 })
  utimesSync(join(place.workspace, 'nothing'), 1_600_000_000, 1_600_000_000)
  link(place, 'b/to-a', '../a.txt')
  link(place, 'nowhere', '/does/not/exist')
  mkdirSync(join(place.folder, 'checkpoints'))
  writeFileSync(join(place.folder, 'checkpoints/abc'), 'before')
  writeFileSync(join(place.folder, 'models.json'), '{}')
  return place
}

test('what was archived comes back to the bit: contents, modes, times, links, empty folders', async () => {
  const place = busyPlace()
  const archive = await archiveOf(place)
  const other = emptyPlace()
  fill(other, { 'gone-afterwards/file': 'x', 'a.txt': 'another' })
  const restored = await putBack(other, archive)
  const again = await archiveOf(other)
  expect(await linesOf(again)).toEqual(await linesOf(archive))
  expect(await linesOf(again, 'checkpoints')).toEqual(await linesOf(archive, 'checkpoints'))
  expect(restored).toMatchObject({ files: 11, bytes: expect.any(Number) })
  expect(existsSync(join(other.workspace, 'gone-afterwards'))).toBe(false)
  expect(existsSync(join(other.folder, 'restore'))).toBe(false)
  expect(existsSync(join(other.workspace, '.spoq-restore'))).toBe(false)
  expect(readFileSync(join(other.workspace, 'b/to-a'), 'utf8')).toBe('one')
  expect(statSync(join(other.folder, 'log.sqlite')).mode & 0o777).toBe(0o600)
})

test('a usual tar reads it', async () => {
  const place = busyPlace()
  const list = execFileSync('tar', ['-tf', '-'], { input: await archiveOf(place), encoding: 'utf8' })
  expect(list.trim().split('\n').at(-1)).toBe(manifestName)
  expect(list).toContain('workspace/b/run.sh\n')
})

test('keys, tokens, sockets and what is no file are not in it; what is left out is told', async () => {
  const place = busyPlace()
  for (const secret of ['model-keys/anthropic', 'account.sealed', 'access.json', 'conductor.json', 'edge-port']) {
    mkdirSync(join(place.folder, secret, '..'), { recursive: true })
    writeFileSync(join(place.folder, secret), 'planted-secret')
  }
  execFileSync('mkfifo', [join(place.workspace, 'pipe')])
  const archive = await archiveOf(place)
  expect(archive.includes('planted-secret')).toBe(false)
  const manifest = (await membersOf(archive)).at(-1)?.content.toString() ?? ''
  expect(manifest).toContain('{"skipped":"workspace/pipe","why":"neither a file nor a folder nor a link"}')
  expect(JSON.parse(manifest.trim().split('\n').at(-1) ?? '')).toMatchObject({ skipped: 1, torn: 0 })
})

test.each([
  ['small', 10],
  ['large', 2 << 20],
])('a %s file that changes while it is read is read again; one that always does is told of', async (_, size) => {
  const at = join(emptyPlace().workspace, 'file')
  let changes = 0
  let most = 1
  const change = () => {
    if (changes < most) writeFileSync(at, Buffer.alloc(size + 2 + ++changes, 'n'))
  }
  const read = async () => {
    writeFileSync(at, Buffer.alloc(size, 'o'))
    const added: Member[] = []
    const write = async (_: unknown, content: Buffer | AsyncIterable<Buffer>) => {
      let bytes = 0
      for await (const piece of Buffer.isBuffer(content) ? [content] : content) {
        bytes += piece.length
        change()
      }
      expect(bytes).toBeGreaterThanOrEqual(size)
    }
    return { whole: await writeFile({ path: 'file', at }, write, member => added.push(member)), added }
  }
  // A small one is in memory before it is written, so that nothing can come in between.
  const once = await read()
  expect(once.whole).toBe(true)
  expect(once.added).toHaveLength(size > 1 << 20 ? 2 : 1)
  most = 100
  const always = await read()
  expect(always.whole).toBe(size < 1 << 20)
})

/** An archive with a manifest that fits, whatever is in it. */
async function forged(members: Unpacked[]): Promise<Buffer> {
  const { createHash } = await import('node:crypto')
  const sum = tally()
  const lines = members.map(({ header, content }) => {
    const { name: path, type, mode = 0, linkname } = header
    const hashed = type === 'symlink' ? (linkname ?? '') : content
    const sha256 = type === 'directory' ? undefined : createHash('sha256').update(hashed).digest('hex')
    const link = type === 'symlink' ? { link: linkname ?? '' } : {}
    const kind = type as Member['type']
    return sum.add({ path, type: kind, mode, mtime: 0, size: content.length, ...(sha256 && { sha256 }), ...link })
  })
  const tail = { ...sum.end(), skipped: 0, torn: 0 }
  const manifest = [JSON.stringify({ form: 1, ...about }), '\n', ...lines, JSON.stringify(tail), '\n'].join('')
  return tarOf([...members, member(manifestName, manifest)])
}

const member = (name: string, content: string | Buffer = '', more: Partial<Unpacked['header']> = {}): Unpacked => ({
  header: { name, type: 'file', mode: 0o600, mtime: new Date(0), ...more },
  content: Buffer.from(content),
})
const folder = (name: string) => member(name, '', { type: 'directory', mode: 0o700 })

async function withLog(...members: Unpacked[]): Promise<Buffer> {
  const [log] = (await membersOf(await archiveOf(emptyPlace()))).filter(({ header }) => header.name === 'log.sqlite')
  return forged([member('log.sqlite', log?.content), folder('workspace'), ...members])
}

test('an archive made by hand is taken when nothing is wrong with it', async () => {
  const place = emptyPlace()
  await putBack(place, await withLog(member('workspace/file', 'content')))
  expect(readFileSync(join(place.workspace, 'file'), 'utf8')).toBe('content')
})

const evil: Record<string, Unpacked[]> = {
  'an absolute path': [member('/tmp/spoq-evil', 'x')],
  'a path that climbs': [member('workspace/../../evil', 'x')],
  'a path that climbs at its end': [member('workspace/..', 'x')],
  'a file below a link': [
    member('workspace/l', '', { type: 'symlink', linkname: '/tmp' }),
    member('workspace/l/evil', 'x'),
  ],
  'a hard link': [member('workspace/h', '', { type: 'link', linkname: '/etc/passwd' })],
  'a device': [member('workspace/d', '', { type: 'character-device' })],
  'a pipe': [member('workspace/p', '', { type: 'fifo' })],
  'a name twice': [member('workspace/a', 'x'), member('workspace/a', 'y')],
  'a folder and a link of one name': [
    folder('workspace/a'),
    member('workspace/a', '', { type: 'symlink', linkname: 'b' }),
  ],
  'a key': [member('access.json', '{}')],
  'a socket of the machine': [member('local.sock', '')],
  'a link for a log': [member('models.json', '', { type: 'symlink', linkname: '/etc/passwd' })],
  'its own staging': [folder('workspace/.spoq-restore')],
  'a link among checkpoints': [
    folder('checkpoints'),
    member('checkpoints/l', '', { type: 'symlink', linkname: '/tmp' }),
  ],
  'an end that is not one': [member(manifestName, '{}'), member('workspace/more', 'x')],
}

test.each(Object.entries(evil))('%s is refused, and nothing changes', async (_, members) => {
  const place = busyPlace()
  const before = await linesOf(await archiveOf(place))
  await expect(putBack(place, await withLog(...members))).rejects.toMatchObject({ code: 'archive_invalid' })
  carryThrough(place)
  expect(await linesOf(await archiveOf(place))).toEqual(before)
  expect(existsSync(join(place.folder, 'restore'))).toBe(false)
  expect(existsSync('/tmp/spoq-evil')).toBe(false)
})

test('an archive without sessions, with others than SQLite, or of a newer Conductor is refused', async () => {
  const place = emptyPlace()
  const refused = { code: 'archive_invalid' }
  await expect(putBack(place, await forged([folder('workspace')]))).rejects.toMatchObject(refused)
  const noLog = await forged([member('log.sqlite', 'not a database at all'), folder('workspace')])
  await expect(putBack(place, noLog)).rejects.toMatchObject(refused)
})

test('one that was cut off or changed at any place is refused, whole', async () => {
  // Catches a manifest that is not looked at, and one whose hash covers less than everything.
  const place = emptyPlace()
  fill(place, { 'a/one': 'first', two: 'second' })
  const archive = await archiveOf(place)
  const before = await linesOf(archive)
  const zeros = 1_024
  const end = archive.length - zeros
  await fc.assert(
    fc.asyncProperty(fc.nat(end - 513), fc.integer({ min: 1, max: 255 }), fc.boolean(), async (at, bits, cut) => {
      const changed = Buffer.from(archive)
      changed[at] = (changed[at] ?? 0) ^ bits
      const sent = cut ? archive.subarray(0, at) : changed
      const done = await writeArchive(restoring(place), Readable.from([sent])).catch(error => error)
      carryThrough(place)
      const same = await linesOf(await archiveOf(place))
      expect(same).toEqual(before)
      // A bit of the tar that nothing stands for, such as an owner, may be another.
      if (cut) expect(done.code).toBe('archive_invalid')
    }),
    { numRuns: 60 },
  )
})

test('a machine at work is told so, before and after all of it came', async () => {
  const place = busyPlace()
  const archive = await archiveOf(place)
  const looks = [true, false]
  const late = { ...restoring(place), atRest: () => looks.shift() ?? false }
  await expect(writeArchive(late, Readable.from([archive]))).rejects.toMatchObject({ code: 'machine_busy' })
  expect(looks).toEqual([])
  await expect(writeArchive(late, Readable.from([archive]))).rejects.toMatchObject({ code: 'machine_busy' })
  expect(existsSync(join(place.folder, 'restore.json'))).toBe(false)
})

/** Puts what was decided in its place and dies at the n-th thing it does; false when it came to its end. */
function diesAt(place: Place, n: number): boolean {
  const script = `
    import fs from 'node:fs'
    import { syncBuiltinESMExports } from 'node:module'
    let left = ${n}
    for (const name of ['renameSync', 'rmSync', 'mkdirSync', 'openSync', 'fsyncSync']) {
      const real = fs[name]
      fs[name] = (...given) => {
        if (left-- === 0) process.kill(process.pid, 'SIGKILL')
        return real(...given)
      }
    }
    syncBuiltinESMExports()
    const { carryThrough } = await import(${JSON.stringify(join(import.meta.dirname, 'switch.ts'))})
    carryThrough(${JSON.stringify(place)})`
  const { signal, status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script])
  if (signal === null) expect(status, String(stderr)).toBe(0)
  return signal === 'SIGKILL'
}

test('killed at any moment of the switch, the next start ends it: the new is whole', { timeout: 120_000 }, async () => {
  const source = emptyPlace()
  fill(source, { 'a/new': 'new', both: 'new' })
  const archive = await archiveOf(source)
  const wanted = await linesOf(archive)
  let deaths = 0
  for (let n = 0; ; n += 2) {
    const place = emptyPlace()
    fill(place, { 'a/old': 'old', both: 'old', 'b/old': 'old' })
    writeFileSync(join(place.folder, 'log.sqlite-wal'), 'of the old log')
    await stage(Readable.from([archive]), beginStaging(place))
    decide(place)
    if (!diesAt(place, n)) break
    deaths++
    carryThrough(place)
    expect(existsSync(join(place.folder, 'log.sqlite-wal')), `after ${n}`).toBe(false)
    expect(await linesOf(await archiveOf(place)), `after ${n}`).toEqual(wanted)
    rmSync(place.folder, { recursive: true })
  }
  expect(deaths).toBeGreaterThan(10)
})

test.runIf(process.getuid?.() === 0)('a folder that another user closed off is told of, not moved', () => {
  const place = emptyPlace()
  mkdirSync(join(place.workspace, 'open'))
  mkdirSync(join(place.workspace, 'theirs'), { mode: 0o700 })
  for (const at of [place.folder, place.workspace, join(place.workspace, 'open')]) chmodSync(at, 0o777)
  const script = `
    const { immovable } = await import(${JSON.stringify(join(import.meta.dirname, 'switch.ts'))})
    process.setgid(60000)
    process.setuid(60000)
    console.log(immovable(${JSON.stringify(place)}))`
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
  expect(stdout).toBe('theirs\n')
})
