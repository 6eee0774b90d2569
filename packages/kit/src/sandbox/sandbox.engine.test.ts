import { execFileSync, spawn as spawnProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { probeSandbox } from './sandbox.ts'

const sandbox = await probeSandbox()
const isMissing = sandbox.isolation === 'none'
if (isMissing && process.env.CI === 'true') throw new Error(`the sandbox cannot be tested: ${sandbox.why}`)
if (isMissing) console.log(`skipped: ${sandbox.why}`)

let machine: string
let workspace: string
let home: string
beforeEach(() => {
  machine = realpathSync(mkdtempSync(join(tmpdir(), 'spoq-machine-')))
  workspace = join(machine, 'workspace')
  mkdirSync(workspace)
  home = realpathSync(mkdtempSync(join(homedir(), 'spoq-home-')))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(machine, { recursive: true })
  rmSync(home, { recursive: true })
})

async function inside(command: string): Promise<string> {
  const signal = new AbortController().signal
  const child = sandbox.spawn(['sh', '-c', `exec 2>&1; ${command}`], { workspace, cwd: workspace, env: {}, signal })
  return (await text(child.stdout)).trim()
}

describe.skipIf(isMissing)('in bubblewrap', () => {
  test('a command works: programs of the system, node, names of hosts, the workspace', async () => {
    writeFileSync(join(workspace, 'a.txt'), 'from outside')
    expect(await inside('cat a.txt; pwd')).toBe(`from outside${workspace}`)
    expect(await inside('node -p 6*7')).toBe('42')
    expect(await inside('getent hosts localhost')).toContain('localhost')
    await inside('mkdir b && echo from inside > b/c.txt')
    expect(readFileSync(join(workspace, 'b/c.txt'), 'utf8')).toBe('from inside\n')
  })

  test('files of the machine, of the home folder and of the system are not read', async () => {
    writeFileSync(join(machine, 'model.json'), 'planted secret')
    writeFileSync(join(home, 'credentials'), 'planted secret')
    symlinkSync(join(machine, 'model.json'), join(workspace, 'link'))
    for (const path of [join(machine, 'model.json'), join(home, 'credentials')])
      expect(readFileSync(path, 'utf8')).toBe('planted secret')
    const read = [
      join(machine, 'model.json'),
      '../model.json',
      'link',
      join(home, 'credentials'),
      '/proc/1/root/../model.json',
    ]
    for (const path of read) expect(await inside(`cat '${path}'`)).toMatch(/No such file|Permission denied/)
    expect(await inside('cat /etc/shadow')).toMatch(/No such file|Permission denied/)
    expect(await inside(`ls -A ${machine}`)).toBe('workspace')
    expect(await inside(`grep -rs 'planted secret' /tmp /root /home /run /var /etc /proc/*/environ; echo none`)).toBe(
      'none',
    )
  })

  test('the local socket is not reached, in the machine folder or in the temporary one', async () => {
    const short = mkdtempSync(join(tmpdir(), 'spoq-socket-'))
    for (const path of [join(machine, 'local.sock'), join(short, 'local.sock')]) {
      const server = await listen(path)
      expect(await canConnect(path)).toBe(true)
      const script = `require('net').connect('${path}').on('connect',()=>console.log('in')).on('error',e=>console.log(e.code))`
      expect(await inside(`node -e "${script}"`)).toBe('ENOENT')
      await new Promise(resolve => server.close(resolve))
    }
    rmSync(short, { recursive: true })
  })

  test('nothing outside the workspace is written', async () => {
    const other = mkdtempSync(join(tmpdir(), 'spoq-other-'))
    symlinkSync(other, join(workspace, 'out'))
    for (const path of ['/', '/usr/local', '/etc', '/usr/bin', home, 'out'])
      expect(await inside(`touch '${path}/planted' && echo written`)).not.toContain('written')
    // The machine's folder stands in /tmp here, which inside is another one: it takes the file and nobody sees it.
    for (const path of [machine, '..', other]) await inside(`mkdir -p '${path}'; touch '${path}/planted'`)
    expect(await inside('touch /tmp/planted /var/tmp/planted && echo written')).toBe('written')
    for (const folder of [machine, '/usr/local', '/etc', '/usr/bin', home, other, tmpdir(), '/tmp', '/var/tmp'])
      expect(existsSync(join(folder, 'planted'))).toBe(false)
    rmSync(other, { recursive: true })
  })

  test('nothing of this process is seen: its environment, itself, the others', async () => {
    vi.stubEnv('SPOQ_TEST_SECRET', 'do not tell')
    expect(await inside('env; cat /proc/*/environ')).not.toContain('do not tell')
    expect(await inside(`ls /proc | grep -x ${process.pid}; kill -0 ${process.pid} && echo reached`)).not.toContain(
      'reached',
    )
    expect(await inside('mount -t tmpfs none /usr && echo mounted')).not.toContain('mounted')
  })

  test('the end of the signal ends also what has a session of its own', async () => {
    const stop = new AbortController()
    const command = ['sh', '-c', 'setsid sleep 86399.25 & echo started; wait']
    const child = sandbox.spawn(command, { workspace, cwd: workspace, env: {}, signal: stop.signal })
    await once(child.stdout, 'data')
    await vi.waitFor(() => expect(processesWith('86399.25')).not.toEqual([]))
    stop.abort()
    await vi.waitFor(() => expect(processesWith('86399.25')).toEqual([]), { timeout: 10_000 })
  })

  test('the end of a command ends what it left in the background', async () => {
    await inside('setsid sleep 86399.5 > /dev/null & sleep 0.2')
    await vi.waitFor(() => expect(processesWith('86399.5')).toEqual([]), { timeout: 10_000 })
  })

  test('a Conductor that is killed leaves no command behind', async () => {
    const module = join(import.meta.dirname, 'sandbox.ts')
    const options = `{ workspace: '${workspace}', cwd: '${workspace}', env: {}, signal: new AbortController().signal }`
    const script = `const { probeSandbox } = await import('${module}'); (await probeSandbox()).spawn(['sleep', '86399.75'], ${options})`
    const conductor = spawnProcess(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' })
    await vi.waitFor(() => expect(processesWith('86399.75')).not.toEqual([]), { timeout: 10_000 })
    conductor.kill('SIGKILL')
    await vi.waitFor(() => expect(processesWith('86399.75')).toEqual([]), { timeout: 10_000 })
  })

  test.runIf(process.getuid?.() === 0)('it hides as much from a user that is not root', async () => {
    writeFileSync(join(machine, 'open.json'), 'planted secret', { mode: 0o644 })
    execFileSync('chown', ['-R', '65534:65534', machine])
    const command = `cat ../open.json; touch ../planted; echo ok > a; cat a`
    const { bubblewrapArguments } = await import('./bubblewrap.ts')
    const view = bubblewrapArguments({ workspace, cwd: workspace, node: '/usr/bin/node' })
    const asNobody = [
      '--reuid=65534',
      '--regid=65534',
      '--clear-groups',
      'bwrap',
      ...view,
      'sh',
      '-c',
      `exec 2>&1; ${command}`,
    ]
    const printed = execFileSync('setpriv', asNobody, { encoding: 'utf8' })
    expect(printed).toMatch(/ok$/m)
    expect(printed).not.toContain('planted secret')
    expect(existsSync(join(machine, 'planted'))).toBe(false)
  })
})

async function listen(path: string): Promise<Server> {
  const server = createServer(socket => socket.end()).listen(path)
  await once(server, 'listening')
  return server
}

async function canConnect(path: string): Promise<boolean> {
  const socket = connect(path)
  await once(socket, 'connect')
  socket.destroy()
  return true
}

/** The processes of the whole computer that have this argument. */
function processesWith(argument: string): string[] {
  return readdirSync('/proc').filter(pid => {
    if (!/^\d+$/.test(pid)) return false
    try {
      const parts = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
      return parts[0] === 'sleep' && parts.includes(argument)
    } catch {
      return false
    }
  })
}
