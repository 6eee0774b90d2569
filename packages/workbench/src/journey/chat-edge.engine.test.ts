// `spoq chat` from a laptop to its machine: each request goes through the edge with a token that the backend gave, and no
// local socket is in reach. The same session from a phone that signed in by itself.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Computer, newComputer, signIn } from './computer.ts'
import { bin, cleanEnvironment, type Home, startHome } from './home.ts'
import { hasTmux, type Pane, startTerminals, type Terminals } from './pane.ts'

const isMissing = !hasTmux()
if (isMissing) console.log('skipped: there is no tmux here')
const onTerminal = test.skipIf(isMissing && !process.env.CI)

let home: Home
let phone: Computer
let terminals: Terminals

beforeAll(async () => {
  if (isMissing) return
  home = await startHome()
  phone = newComputer(home.server)
  await signIn(home.server, phone, JSON.parse(readFileSync(join(home.dataDir, 'server/first-account.json'), 'utf8')))
  terminals = startTerminals()
}, 120_000)
afterAll(async () => {
  terminals?.close()
  await home?.close()
  phone?.remove()
}, 60_000)

const spoq = (...args: string[]) => `'${process.execPath}' '${bin}' ${args.join(' ')}\n`
/** An approval takes no key in the moment it comes up. */
const moment = () => new Promise(resolve => setTimeout(resolve, 700))

function open(environment: Record<string, string>, columns = 100): Promise<Pane> {
  const env = { ...cleanEnvironment(), ...environment, TERM: 'xterm-256color', LANG: 'C.UTF-8' }
  return terminals.open({ columns, rows: 30, env, directory: home.dataDir })
}

onTerminal(
  "a question, an approval that another computer answers, and the end of that one's login",
  async () => {
    const laptop = await open(home.environment)
    await laptop.type(spoq('chat', '--model', 'demo'))
    await laptop.shows('Ask anything')
    await laptop.type('run: touch made-from-afar\n')
    await laptop.shows('Allow this?')

    const other = await open(phone.environment, 60)
    await other.type(spoq('chat', '--continue'))
    await other.shows('Allow this?')
    await moment()
    await other.press('y')
    await other.shows('tokens')
    await laptop.lacks('Allow this?')
    const screen = await laptop.shows('tokens')
    expect(screen).toMatch(/Allowed by .*touch made-from-afar/)
    expect(screen).not.toContain('Allowed by the machine itself')

    const { logins } = JSON.parse((await phone.spoq(['login', 'list', '--json'])).stdout)
    const { id } = logins.find(({ current }: { current: boolean }) => current)
    expect(await home.spoq(['login', 'revoke', id])).toMatchObject({ status: 0 })
    await other.shows('login was ended')
    await laptop.type('count 3\n')
    await laptop.shows('1 2 3')
    await laptop.press('C-d')
    await laptop.shows('Come back')
  },
  120_000,
)
