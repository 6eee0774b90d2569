// `spoq chat` as a person has it: the built command line on a real terminal, against a real Conductor and a scripted model.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { call } from '@spoq/client/call'
import { follow } from '@spoq/client/stream'
import { answerApproval, listSessions, sessionEvents } from '@spoq/contracts/session'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startMachine, type TestMachine } from '../stand-ins/machine.ts'
import { type Asked, type OpenAi, type Reply, startOpenAi } from '../stand-ins/openai.ts'
import { bin, cleanEnvironment } from './home.ts'
import { hasTmux, type Pane, startTerminals, type Terminals } from './pane.ts'

const isMissing = !hasTmux()
if (isMissing) console.log('skipped: there is no tmux here')
const onTerminal = test.skipIf(isMissing && !process.env.CI)

let machine: TestMachine
let model: OpenAi
let terminals: Terminals
let laptop: string

const numbered = (count: number) => Array.from({ length: count }, (_, index) => `w${index} `)

/** What was asked last decides: `run COMMAND` calls the tool, `words N` streams, anything else gets a list. */
function script({ body }: Asked): Reply {
  const last = body.messages.at(-1)
  if (last?.role === 'tool') return { pieces: [`It said: ${JSON.stringify(last.content).slice(0, 200)}`] }
  const text = JSON.stringify(last?.content)
  const [, command] = /run ([^"\\]+)/.exec(text) ?? []
  if (command) return { calls: [{ name: 'run', input: { command } }] }
  const [, path] = /create (\S+)/.exec(text) ?? []
  if (path) return { calls: [{ name: 'edit', input: { path, old: '', new: 'made by the agent\n' } }] }
  const [, count] = /words (\d+)/.exec(text) ?? []
  if (count) return { pieces: numbered(Number(count)) }
  return { pieces: ['# Read', 'ably\n', '- **bo', 'ld** and `code`\n', '\x1b[2J\x1b]0;stolen\x07'] }
}

beforeAll(async () => {
  model = await startOpenAi(script)
  machine = await startMachine()
  writeFileSync(
    join(machine.folder, 'model.json'),
    JSON.stringify({ kind: 'openai-compatible', model: 'stand-in', url: model.url }),
  )
  await machine.restart()
  laptop = join(machine.folder, 'laptop')
  mkdirSync(laptop)
  writeFileSync(join(laptop, 'note.txt'), 'a note from the laptop\n')
  if (!isMissing) terminals = startTerminals()
})

afterAll(async () => {
  terminals?.close()
  await machine.stop()
  await model.stop()
})

async function open(columns: number, rows: number, more: Record<string, string> = {}): Promise<Pane> {
  const env = {
    ...cleanEnvironment(),
    SPOQ_MARKER: machine.marker,
    SPOQ_DATA_DIR: join(machine.folder, 'data'),
    TERM: 'xterm-256color',
    LANG: 'C.UTF-8',
    ...more,
  }
  return terminals.open({ columns, rows, env, directory: laptop })
}

const spoq = (...args: string[]) => `'${process.execPath}' '${bin}' ${args.join(' ')}\n`
/** An approval takes no key in the moment it comes up. */
const moment = () => new Promise(resolve => setTimeout(resolve, 700))

/** The terminal is as it was: its own screen, its cursor, its line editing. */
async function given(pane: Pane): Promise<void> {
  expect([await pane.property('alternate_on'), await pane.property('cursor_flag')]).toEqual(['0', '1'])
  const tty = await pane.property('pane_tty')
  const settings = execFileSync('stty', ['-F', tty, '-a'], { encoding: 'utf8' })
  expect(settings).toMatch(/ icanon/)
  expect(settings).toMatch(/ echo /)
}

onTerminal.each([
  [100, 30],
  [40, 20],
])('a whole chat at %i x %i: an answer, a command allowed, another denied, and out', async (columns, rows) => {
  const pane = await open(columns, rows)
  await pane.type(spoq('chat'))
  await pane.shows('Ask anything')
  await pane.type('hello\n')
  const answered = await pane.shows('tokens')
  expect(answered).toContain('Readably')
  expect(answered).toContain('• bold and code')
  expect(answered).toContain('stand-in')
  expect(answered).not.toContain('**')

  await pane.type('run echo let-through\n')
  expect(await pane.shows('Allow this?')).toContain('run: echo let-through')
  await moment()
  await pane.press('y')
  await pane.shows('It said:')
  const allowed = await pane.lacks('Allow this?')
  expect(allowed).toContain('Allowed: run: echo let-through'.slice(0, columns - 2))

  await pane.type('run touch never-made\n')
  await pane.shows('Allow this?')
  await moment()
  await pane.press('n')
  expect(await pane.shows('Denied')).toContain('✗ run: touch never-made')
  await pane.shows('ready')
  expect(Math.max(...(await pane.screen()).map(line => [...line].length))).toBeLessThanOrEqual(columns)

  await pane.press('C-d')
  await pane.shows('--continue')
  await given(pane)
})

onTerminal('left while a turn waits, it is joined from a second terminal, and both see who answered', async () => {
  const first = await open(100, 30)
  await first.type(spoq('chat'))
  await first.shows('Ask anything')
  await first.type('run echo from-the-phone\n')
  await first.shows('Allow this?')
  await first.press('C-d')
  expect(await first.shows('The turn goes on.')).toContain('--continue')

  const laptopAgain = await open(100, 30)
  await laptopAgain.type(spoq('chat', '--continue'))
  expect(await laptopAgain.shows('Allow this?')).toContain('echo from-the-phone')
  const phone = await open(40, 20)
  await phone.type(spoq('chat', '-c'))
  expect(await phone.shows('Allow this?')).toContain('echo from-the-phone')
  await moment()
  await phone.press('y')
  await phone.shows('It said:')
  expect(await laptopAgain.shows('It said:')).toContain('Allowed by the machine itself: run: echo from-the-phone')
  await laptopAgain.lacks('Allow this?')
  for (const pane of [phone, laptopAgain]) {
    await pane.press('C-d')
    await pane.shows('Come back')
  }
})

onTerminal('what was answered elsewhere while this terminal stood still is no longer asked', async () => {
  const pane = await open(100, 30)
  await pane.type(spoq('chat'))
  await pane.shows('Ask anything')
  await pane.type('run echo contested\n')
  await pane.shows('Allow this?')
  await moment()
  // The terminal's program is held still while somebody else answers.
  const child = Number(execFileSync('pgrep', ['-P', String(await pane.pid())], { encoding: 'utf8' }).trim())
  process.kill(child, 'SIGSTOP')
  await pane.press('y')
  await answerLast('deny')
  process.kill(child, 'SIGCONT')
  const screen = await pane.shows('ready')
  expect(screen).toMatch(/Denied.*contested/)
  await pane.press('C-d')
})

async function answerLast(decision: 'allow' | 'deny'): Promise<void> {
  const { sessions } = await call(machine.target, listSessions, { query: { limit: 1 } })
  const session = sessions[0]?.id ?? ''
  const isLast = (event: { type: string }) => event.type === 'approval.requested'
  for await (const event of follow(machine.target, sessionEvents, { params: { session }, isLast }))
    if (event.type === 'approval.requested')
      await call(machine.target, answerApproval, { params: { session, approval: event.approval }, body: { decision } })
}

onTerminal('the machine restarts: it says so, comes back, loses nothing and doubles nothing', async () => {
  const pane = await open(100, 30)
  await pane.type(spoq('chat'))
  await pane.shows('Ask anything')
  await pane.type('words 100\n')
  await pane.shows('tokens')
  await machine.restart(() => pane.shows('reconnecting'))
  await pane.shows('ready')
  await pane.type('words 120\n')
  await pane.shows('w119')
  const screen = (await pane.shows('ready')).replace(/\s+/g, ' ')
  expect(screen.match(/w\d+/g)).toEqual([...numbered(100), ...numbered(120)].map(word => word.trim()))
  await pane.press('C-d')
})

onTerminal(
  'an edit shows its diff; allowed for the session the next one is not asked; /undo takes it back',
  async () => {
    const pane = await open(100, 30)
    await pane.type(spoq('chat'))
    await pane.shows('Ask anything')
    await pane.type('create one.txt please\n')
    expect(await pane.shows('Allow this?')).toContain('+made by the agent')
    await moment()
    await pane.press('s')
    await pane.shows('It said:')
    await pane.shows('ready')
    expect(existsSync(join(machine.workspace, 'one.txt'))).toBe(true)
    await pane.type('create one.txt please\n')
    await pane.shows('already')
    await pane.type('/undo\n')
    await pane.shows('removed one.txt')
    expect(existsSync(join(machine.workspace, 'one.txt'))).toBe(false)
    await pane.type('/mode plan\n')
    await pane.shows('it looks, and changes nothing')
    await pane.type('create two.txt please\n')
    await pane.shows('✗')
    await pane.shows('ready')
    expect(existsSync(join(machine.workspace, 'two.txt'))).toBe(false)
    await pane.press('C-d')
    await pane.shows('Come back')
  },
)

onTerminal('Ctrl-C stops the turn and says so; the chat goes on', async () => {
  const pane = await open(100, 30)
  await pane.type(spoq('chat'))
  await pane.shows('Ask anything')
  await pane.type('run echo stopped\n')
  await pane.shows('Allow this?')
  await pane.press('C-c')
  await pane.shows('Stopping the turn. Ctrl-C again leaves.')
  expect(await pane.shows('Stopped by')).toContain('- run: echo stopped')
  await pane.type('hello\n')
  await pane.shows('Readably')
  await pane.press('C-d')
  await pane.shows('Come back')
})

onTerminal('a paste of several lines is one question; @path goes with it; the screen follows a resize', async () => {
  const pane = await open(100, 30)
  await pane.type(spoq('chat'))
  await pane.shows('Ask anything')
  await pane.paste('first line\nsecond line @note.txt')
  await pane.shows('second line')
  expect((await call(machine.target, listSessions, {})).sessions[0]?.title).not.toBe('first line')
  await pane.press('Enter')
  expect(await pane.shows('with note.txt')).toContain('› first line')
  await pane.shows('ready')
  expect(JSON.stringify(model.asked.at(-1)?.body.messages)).toContain('a note from the laptop')
  await pane.resize(40, 15)
  await pane.shows('─'.repeat(40))
  expect((await pane.screen()).filter(line => line.startsWith('─'))).toEqual(['─'.repeat(40)])
  await pane.press('C-c')
  await pane.shows('Ctrl-C again leaves')
  await pane.press('C-c')
  await pane.shows('Come back')
  await given(pane)
})

onTerminal.each(['TERM', 'HUP', 'QUIT'])('SIG%s gives the terminal back as it was', async signal => {
  const pane = await open(80, 24)
  await pane.type(spoq('chat'))
  await pane.shows('Ask anything')
  expect(await pane.property('alternate_on')).toBe('1')
  const child = execFileSync('pgrep', ['-P', String(await pane.pid())], { encoding: 'utf8' }).trim()
  process.kill(Number(child), `SIG${signal}`)
  await pane.lacks('Ask anything')
  await pane.type('echo back-in-the-shell\n')
  await pane.shows('back-in-the-shell')
  await given(pane)
})

onTerminal('a fault gives the terminal back before it is told', async () => {
  const pane = await open(80, 24)
  const chat = join(import.meta.dirname, '../../../cli/src/chat')
  const program = [
    `import { guardProcess } from '${chat}/guard.ts'`,
    `import { takeTerminal } from '${chat}/screen.ts'`,
    'guardProcess(takeTerminal({ input: process.stdin, output: process.stdout }).giveBack)',
    "setTimeout(() => { throw new Error('a-fault') }, 50)",
  ]
  writeFileSync(join(laptop, 'fault.mjs'), program.join('\n'))
  await pane.type(`'${process.execPath}' fault.mjs\n`)
  await pane.shows('a-fault')
  await given(pane)
})

onTerminal('Ctrl-Z gives the terminal to the shell, fg brings the chat back', async () => {
  const pane = await open(80, 24)
  await pane.type(spoq('chat'))
  await pane.shows('Ask anything')
  await pane.type('a draft')
  await pane.shows('› a draft')
  await pane.press('C-z')
  await pane.shows('Stopped')
  await given(pane)
  await pane.type('fg\n')
  await pane.shows('› a draft')
  await pane.press('C-u', 'C-d')
  await pane.lacks('› a draft')
})

onTerminal('a bare spoq on a terminal opens the chat; NO_COLOR shows none', async () => {
  const pane = await open(80, 24, { NO_COLOR: '1' })
  await pane.type(spoq())
  await pane.shows('Ask anything')
  await pane.type('hello\n')
  await pane.shows('Readably')
  expect(await pane.colored()).not.toContain('\x1b[')
  await pane.type('/nonsense\n')
  await pane.shows('There is no command /nonsense')
  await pane.type('/sessions\n')
  await pane.shows('Enter opens')
  await pane.press('Escape')
  await pane.lacks('Enter opens')
  await pane.type('/quit\n')
  await pane.shows('Come back')
})
