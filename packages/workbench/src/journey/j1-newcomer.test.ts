// J1: a newcomer with nothing set up. The two ways in are the script behind `npm start` and the installed `spoq up`.

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { cleanEnvironment, type Ran, root, runSpoq, startHome } from './home.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'spoq-j1-'))
const environment = { ...cleanEnvironment(), SPOQ_DATA_DIR: dataDir }
const question = 'list the files here and tell me what this project is'

afterAll(async () => {
  const up = spawn(process.execPath, [join(root, 'bin/run.js'), 'up', '--yes', '--json', '--port', '0'], {
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(up.stdout, 'data')
  for (const machine of machines()) await runSpoq(['machine', 'terminate', machine, '--now', '--yes'], { environment })
  up.kill('SIGTERM')
  await once(up, 'exit')
  rmSync(dataDir, { recursive: true, force: true })
})

test('npm start, asked a question, ends with an answer that names real files', async () => {
  const ran = await npmStart()
  expect(ran.stderr + ran.stdout).toContain('[demo: scripted, not AI]')
  expect(ran.stdout).toContain('A personal AI computer')
  expect(ran.stdout).toContain('README.md')
  expect(ran.status).toBe(0)
  expect(machines()).toHaveLength(1)
})

test('a second npm start uses the account and the machine of the first', async () => {
  const before = machines()
  const ran = await npmStart()
  expect(ran.status).toBe(0)
  expect(machines()).toEqual(before)
})

test('a computer without a sandbox gives the same answer, and is told that there is none', async () => {
  const programs = mkdtempSync(join(tmpdir(), 'spoq-programs-'))
  for (const program of ['sh', 'uname']) symlinkSync(whereIs(program), join(programs, program))
  const bare = { ...environment, SPOQ_DATA_DIR: join(dataDir, 'bare'), PATH: programs }
  const ran = await runSpoq(['up', '--yes', '--exit', '--port', '0', '--ask', question], { environment: bare })
  expect(ran.stdout).toContain('`uname -sr` and answered: Linux')
  expect(ran.stdout).toContain('No isolation')
  expect(ran.status).toBe(0)
  const home = await startHome({ environment: bare })
  await home.close()
  rmSync(programs, { recursive: true })
})

test('two beside each other, each with its own port and data folder, know nothing of each other', async () => {
  const homes = await Promise.all([startHome(), startHome()])
  const [first, second] = homes
  expect(first?.server).not.toBe(second?.server)
  for (const home of homes) {
    const { machines } = JSON.parse((await home.spoq(['machine', 'list', '--json'])).stdout)
    expect(machines).toMatchObject([{ id: home.machine.id }])
    expect(await home.spoq(['ask', '--model', 'demo', 'hello'])).toMatchObject({ status: 0 })
  }
  for (const home of homes) await home.close()
})

const whereIs = (program: string) => execFileSync('which', [program], { encoding: 'utf8' }).trim()

function machines(): string[] {
  const folder = join(dataDir, 'machines')
  return existsSync(folder) ? readdirSync(folder).filter(name => name.startsWith('mach_')) : []
}

async function npmStart(): Promise<Ran> {
  const child = spawn('npm', ['start', '--silent', '--', '--yes', '--exit', '--port', '0', '--ask', question], {
    cwd: root,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ran = { status: -1, stdout: '', stderr: '' }
  child.stdout.on('data', chunk => {
    ran.stdout += chunk
  })
  child.stderr.on('data', chunk => {
    ran.stderr += chunk
  })
  const [status] = (await once(child, 'close')) as [number]
  return { ...ran, status }
}
