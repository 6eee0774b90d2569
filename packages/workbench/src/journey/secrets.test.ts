// Secrets are planted everywhere a person can put one, all that Spoq does is done at its most talkative, and then every
// output, log, file and argument list is searched for them.

import { existsSync, globSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startOpenAi } from '../stand-ins/openai.ts'
import { type Computer, newComputer, type Person, post, register, signIn } from './computer.ts'
import { type Home, type Ran, startHome } from './home.ts'

const planted = {
  password: 'planted-password-7Q',
  wrongPassword: 'planted-wrong-8R',
  modelKey: 'sk-planted-model-key-9S',
  wrongKey: 'sk-planted-refused-key-1T',
  accountKey: 'sk-planted-account-key-5X',
  wrongAccountKey: 'sk-planted-refused-account-6Y',
  environment: 'planted-environment-2U',
  token: 'planted-token-3V',
  dotEnv: 'planted-dot-env-4W',
}
/** A signed token of any kind. */
const signedToken = /eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{16,}/

const talkative = { LOG_LEVEL: 'debug', DEBUG: '1' }
const outputs: string[] = []
const argumentLists = new Set<string>()
let home: Home
let computer: Computer
let watching: NodeJS.Timeout
const ada: Person = { email: 'ada@example.com', password: planted.password }

beforeAll(async () => {
  watching = setInterval(noteArguments, 20)
  home = await startHome({ environment: talkative })
  computer = newComputer(home.server)
  await everything()
}, 240_000)

afterAll(async () => {
  clearInterval(watching)
  computer.remove()
  await home.close()
})

async function everything(): Promise<void> {
  const model = await startOpenAi(({ authorization }) =>
    authorization?.includes(planted.modelKey)
      ? { pieces: ['An answer.'] }
      : { status: 401, message: `Incorrect API key provided: ${authorization}` },
  )
  const strict = await startOpenAi([], ['m'], { key: planted.accountKey })
  try {
    await register(home.server, ada)
    await post(home.server, '/api/auth/login', { ...ada, password: planted.wrongPassword })
    await signIn(home.server, computer, ada)
    writeFileSync(join(computer.dataDir, '.env'), `KEY=${planted.dotEnv}\n`)
    const options = { directory: computer.dataDir, environment: talkative }
    const here = (args: string[], more: object = {}) => computer.spoq(args, { ...options, ...more }).then(keep)
    const own = (args: string[], more: object = {}) =>
      home.spoq(args, { directory: computer.dataDir, ...more }).then(keep)

    await own(['model', 'use', 'stand-in', '--url', model.url, '--key-stdin'], { input: planted.wrongKey })
    await own(['model', 'use', 'stand-in', '--url', model.url, '--key-stdin'], { input: planted.modelKey })
    await own(['model', 'show'])
    await own(['ask', 'hello'])
    await own(['ask', '--model', 'demo', 'list the files here and tell me what this project is', '--json'])
    await own(['run', '--', 'sh', '-c', 'exit 3'], { environment: { PLANTED: planted.environment } })
    const forAll = ['model', 'key', 'set', 'openai', '--account', '--url', strict.url]
    await own(forAll, { input: planted.wrongAccountKey })
    await own(forAll, { input: planted.accountKey })
    await own(['model', 'key', 'list'])
    await own(['model', 'key', 'list', '--json'])
    await own(['whoami', '--json'])
    await here(['whoami'])
    await here(['machine', 'list'], { environment: { ...talkative, SPOQ_TOKEN: planted.token } })
    await here(['machine', 'show', home.machine.id])
    await here(['login', 'list', '--json'])
    await here(['logout'])
    await here(['status'])
  } finally {
    await model.stop()
    await strict.stop()
  }
}

function keep(ran: Ran): void {
  outputs.push(ran.stdout, ran.stderr)
}

/** The arguments of every process of this user just now, as anybody on the computer can read them. */
function noteArguments(): void {
  for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
    try {
      argumentLists.add(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
    } catch {
      // It has ended.
    }
  }
}

const everySecret = Object.entries(planted)

test('no command printed one, not even with DEBUG', () => {
  expect(outputs).toContain('An answer.\n')
  expect(outputs.length).toBeGreaterThan(20)
  for (const [name, secret] of everySecret)
    expect(
      outputs.filter(text => text.includes(secret)),
      name,
    ).toEqual([])
  expect(outputs.filter(text => signedToken.test(text))).toEqual([])
})

test('no log has one', () => {
  const logs = globSync('**/*.log', { cwd: home.dataDir }).map(name => readFileSync(join(home.dataDir, name), 'utf8'))
  // The backend's and the Conductor's, and they said something.
  expect(logs.filter(text => text.split('\n').length > 5).length).toBeGreaterThanOrEqual(2)
  for (const [name, secret] of everySecret)
    expect(
      logs.filter(text => text.includes(secret)),
      name,
    ).toEqual([])
  expect(logs.filter(text => signedToken.test(text))).toEqual([])
})

test.runIf(existsSync('/proc/self/cmdline'))('no process was given one as an argument', () => {
  expect([...argumentLists].some(list => list.includes('run.js'))).toBe(true)
  for (const [name, secret] of everySecret)
    expect(
      [...argumentLists].filter(list => list.includes(secret)),
      name,
    ).toEqual([])
  expect([...argumentLists].filter(list => signedToken.test(list))).toEqual([])
})

test('the key of the account was taken, and is shown masked', () => {
  expect(outputs.filter(text => text.includes('takes the key sk-…y-5X'))).toHaveLength(1)
  expect(outputs.filter(text => text.includes('refused the key: Incorrect API key provided: ***'))).toHaveLength(1)
})

test('what has to be kept is in no file that others may read', () => {
  const holding = everySecret.flatMap(([name, secret]) =>
    [home.dataDir, computer.dataDir].flatMap(folder =>
      (readdirSync(folder, { recursive: true }) as string[]).flatMap(file => {
        const path = join(folder, file)
        const { mode, size } = statSync(path, { throwIfNoEntry: false }) ?? { mode: 0o100600, size: 0 }
        if ((mode & 0o170000) !== 0o100000 || size > 64 << 20) return []
        return readFileSync(path).includes(secret) ? [{ name, file: relative(folder, path), open: mode & 0o077 }] : []
      }),
    ),
  )
  // The one that was put there openly shows that the search finds.
  expect(holding.filter(({ open }) => open !== 0).map(({ file }) => file)).toEqual(['.env'])
  // Passwords and refused keys are nowhere at all; keys that are kept are sealed, in the database and on the machine.
  const nowhere = ['password', 'wrongPassword', 'wrongKey', 'wrongAccountKey', 'token', 'modelKey', 'accountKey']
  expect(holding.filter(({ name }) => nowhere.includes(name))).toEqual([])
})
