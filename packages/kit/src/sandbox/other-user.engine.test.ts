import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { build } from 'esbuild'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { probeOtherUser, type Runner, runnerAt } from './other-user.ts'

const [user, group] = [64_312, 64_313]
const isMissing = process.getuid?.() !== 0 || process.platform !== 'linux'
if (isMissing) console.log('skipped: only root can start a process of another user')

let machine: string
let workspace: string
let child: ChildProcess
let runner: Runner

beforeEach(async () => {
  if (isMissing) return
  machine = mkdtempSync('/var/lib/spoq-other-')
  workspace = join(machine, 'work')
  for (const [name, mode] of [
    ['.', 0o755],
    ['folder', 0o700],
    ['work', 0o2770],
  ] as const) {
    if (name !== '.') mkdirSync(join(machine, name))
    chownSync(join(machine, name), 0, name === 'work' ? group : 0)
    chmodSync(join(machine, name), mode)
  }
  writeFileSync(join(machine, 'folder/secret'), 'planted secret', { mode: 0o644 })
  // The other user may not see where the sources stand.
  const stdin = `import { runCommands } from './runner.ts'
    runCommands({ from: process.stdin, to: process.stdout }, ${user}).then(() => process.exit())`
  const { outputFiles } = await build({
    stdin: { contents: stdin, resolveDir: import.meta.dirname, loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    write: false,
  })
  writeFileSync(join(machine, 'runner.cjs'), outputFiles[0]?.contents ?? '')
  const as = [`--reuid=${user}`, `--regid=${group}`, '--clear-groups', '--no-new-privs']
  const words = ['umask 007; exec setpriv "$@"', 'sh', ...as, '/proc/self/fd/3', join(machine, 'runner.cjs')]
  const node = (await import('node:fs')).openSync(process.execPath, 'r')
  child = spawn('sh', ['-c', ...words], { cwd: '/', env: {}, stdio: ['pipe', 'pipe', 'inherit', node] })
  if (!child.stdin || !child.stdout) throw new Error('no pipes')
  runner = runnerAt({ from: child.stdout, to: child.stdin })
})
afterEach(async () => {
  if (isMissing) return
  const exit = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : null
  runner.close()
  await exit
  rmSync(machine, { recursive: true })
})

function start(command: string, signal = new AbortController().signal) {
  return runner.spawn(['sh', '-c', command], { workspace, cwd: workspace, env: { GIVEN: 'yes' }, signal })
}

async function inside(command: string): Promise<string> {
  return (await text(start(`exec 2>&1; ${command}`).stdout)).trim()
}

describe.skipIf(isMissing)('as another user', () => {
  test('a command runs as that user, in its folder, with a clean environment', async () => {
    const started = start('id -u; id -G; pwd; echo $GIVEN; cat; echo oops >&2; exit 3')
    const [printed, errors] = await Promise.all([text(started.stdout), text(started.stderr)])
    expect(printed).toBe(`${user}\n${group}\n${workspace}\nyes\n`)
    expect([errors, await started.ended]).toEqual(['oops\n', { status: 3, signal: null }])
  })

  test('a program that is not there is an error of its own, and the next one runs', async () => {
    const signal = new AbortController().signal
    const started = runner.spawn(['/no/such'], { workspace, cwd: workspace, env: {}, signal })
    await expect(started.ended).rejects.toThrow('ENOENT')
    expect(await inside('echo fine')).toBe('fine')
  })

  test('what either makes in the workspace the other may change; the folder beside it is closed', async () => {
    writeFileSync(join(workspace, 'ours'), 'ours\n')
    chmodSync(join(workspace, 'ours'), 0o660)
    expect(await inside('echo theirs >> ours && cat ours && mkdir -p a/b && echo new > a/b/c')).toBe('ours\ntheirs')
    expect(statSync(join(workspace, 'a/b/c'))).toMatchObject({ uid: user, gid: group, mode: 0o100660 })
    expect(statSync(join(workspace, 'a/b')).mode & 0o7777).toBe(0o2770)
    expect(await inside(`cat ${machine}/folder/secret`)).toContain('Permission denied')
  })

  test('much output arrives whole, from two commands at once', async () => {
    const size = 3_000_000
    const many = await Promise.all([1, 2].map(() => inside(`head -c ${size} /dev/zero | tr '\\0' x`)))
    expect(many.map(({ length }) => length)).toEqual([size, size])
  })

  test('a stopped command ends with all that it started', async () => {
    const stop = new AbortController()
    const started = start('setsid sleep 86301 & sleep 86301 & echo on; wait', stop.signal)
    await once(started.stdout, 'data')
    stop.abort()
    expect(await started.ended).toEqual({ status: null, signal: 'SIGKILL' })
    await vi.waitFor(() => expect(ofUser()).toBe(1))
  })

  test('what hides from its command ends when none runs, and holds nothing up', async () => {
    expect(await inside('env -i setsid sleep 86302 & echo gone')).toBe('gone')
    await vi.waitFor(() => expect(ofUser()).toBe(1))
  })

  test('beside a command that runs on, only what the ended one left is ended', async () => {
    const stop = new AbortController()
    const long = start('echo on; exec sleep 86303', stop.signal)
    await once(long.stdout, 'data')
    expect(await inside('setsid sleep 86304 & echo gone')).toBe('gone')
    await vi.waitFor(() => expect(ofUser()).toBe(2))
    stop.abort()
    expect(await long.ended).toEqual({ status: null, signal: 'SIGKILL' })
  })

  test('when its Conductor has gone nothing of that user is left', async () => {
    const started = start('env -i setsid sleep 86305 & echo on; exec sleep 86305')
    await once(started.stdout, 'data')
    runner.close()
    await once(child, 'exit')
    await vi.waitFor(() => expect(ofUser()).toBe(0))
    await expect(started.ended).rejects.toThrow('has ended')
  })

  test('a runner that is killed ends its commands here, and says so', async () => {
    const started = start('sleep 86306')
    await inside('kill -9 $PPID')
    await expect(started.ended).rejects.toThrow('has ended')
    expect((await runner.ended).message).toContain('has ended')
    spawn('setpriv', [`--reuid=${user}`, `--regid=${group}`, '--clear-groups', 'kill', '-9', '-1'])
  })

  test('the probe takes it, and not where the folder is open', async () => {
    const place = { folder: join(machine, 'folder'), workspace }
    process.umask(0o007)
    expect(await probeOtherUser(runner, place)).toMatchObject({ isolation: 'uid' })
    chmodSync(place.folder, 0o755)
    const why = expect.stringContaining('it sees the folder')
    expect(await probeOtherUser(runner, place)).toMatchObject({ isolation: 'none', why })
    process.umask(0o022)
    expect(readdirSync(workspace)).toEqual([])
  })
})

/** How many processes that user has, the runner included; zombies aside. */
function ofUser(): number {
  return readdirSync('/proc').filter(pid => {
    if (!/^\d+$/.test(pid)) return false
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8')
      return status.includes(`Uid:\t${user}\t`) && !/^State:\s+Z/m.test(status)
    } catch {
      return false
    }
  }).length
}
