// Everything an agent's command may try, in each place where a Conductor runs. Each cell is refused, or labelled.

import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { askAndRead, overLocal } from '@spoq/conductor/testing/machine'
import { listSessions, type SessionEvent } from '@spoq/contracts/session'
import { showStatus } from '@spoq/contracts/status'
import { metadataAddresses } from '@spoq/kit/sandbox'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasProgram } from '../has-program.ts'
import { startDocker } from './docker.ts'
import { type Network, startNetwork } from './network.ts'
import { type Row, startLaptop } from './row.ts'
import { makeStage, type Stage } from './stage.ts'
import { startSystemd } from './systemd.ts'

const needed = ['bwrap', 'dockerd', 'systemd-nspawn', 'nft', 'busybox', 'setpriv', 'ip']
const missing = needed.filter(name => !hasProgram(name))
if (process.getuid?.() !== 0) missing.push('root')
if (missing.length > 0 && process.env.CI === 'true') throw new Error(`the matrix cannot be tested: no ${missing}`)
if (missing.length > 0) console.log(`skipped: there is no ${missing.join(', ')}`)

interface Cell {
  row: string
  column: string
  result: string
  command: string
}
const cells: Cell[] = []

let stage: Stage
let network: Network
beforeAll(async () => {
  if (missing.length > 0) return
  stage = makeStage()
  network = await startNetwork()
}, 180_000)
afterAll(async () => {
  await network?.stop()
  stage?.remove()
  for (const { row, column, result, command } of cells) console.log(`${row} x ${column}: ${result}\n    ${command}`)
})

const rows: [string, () => Promise<Row>][] = [
  ['bare', () => startLaptop(stage, network, 'bare')],
  ['bubblewrap', () => startLaptop(stage, network, 'bubblewrap')],
  ['Docker', () => startDocker(stage, network)],
  ['systemd', () => startSystemd(stage, network)],
]

describe.skipIf(missing.length > 0).each(rows)('%s', (_, startRow) => {
  test('nothing that a command tries succeeds without being labelled', async () => {
    const row = await startRow()
    try {
      await tryAll(row)
    } finally {
      await row.stop()
    }
  }, 240_000)
})

const mayTry = { mode: 'ask', approve: ['run(node attempt.mjs *)'] } as const

async function tryAll(row: Row): Promise<void> {
  const target = overLocal(join(row.outside, 'local.sock'))
  const status = await call(target, showStatus)
  expect([status.isolation, status.network]).toEqual([row.isolation, row.network])
  const ways = [`${row.inside}/local.sock`, 'http://127.0.0.1:4444']

  // An approval that waits, in a session that goes on being used while it does.
  const pending = await asked(target, ['touch pressed'], { mode: 'ask' })
  const approval = approvalOf(pending.events)
  const attempts: Record<string, string[]> = {
    'approve itself': [`node attempt.mjs approve ${pending.session} ${approval} ${ways.join(' ')}`],
    'read the keys': [
      `node attempt.mjs read ${filesOf(row.outside)
        .map(name => join(row.inside, name))
        .join(' ')}`,
    ],
    'reach the local socket': [`node attempt.mjs connect ${ways[0]}`, 'node attempt.mjs touch /main.js'],
    'leave the workspace': [
      `node attempt.mjs read /etc/shadow ../model-keys/kek.json ../machine/model-keys/kek.json`,
      `node attempt.mjs link ${row.inside}/model-keys/kek.json /etc/shadow`,
      `node attempt.mjs write ${[`${row.inside}/planted`, '../planted', '/etc/planted', '/usr/planted', '/var/lib/planted', '/planted'].join(' ')}`,
    ],
    'reach metadata': [`node attempt.mjs fetch ${metadataAddresses.join(' ')} metadata.google.internal`],
  }
  for (const [column, commands] of Object.entries(attempts))
    for (const command of commands)
      cells.push({ row: row.name, column, command, result: await resultOf(row, column, command, target) })

  if (row.isolation !== 'none') await leftBehind(row, target, ways)
  for (const file of [join(row.outside, 'planted'), join(row.outside, '../planted'), '/etc/planted', '/usr/planted'])
    expect(existsSync(file), file).toBe(false)
  expect(existsSync(join(row.outside, 'workspace/pressed'))).toBe(false)
  const { sessions } = await call(target, listSessions, { query: {} })
  expect(sessions.find(({ id }) => id === pending.session)?.state).toBe('waiting')
}

/** All that the Conductor keeps: log, keys, the key that wraps them, what stands beside. */
function filesOf(folder: string): string[] {
  const files = readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
    .filter(name => !name.startsWith('workspace'))
  expect(files).toEqual(
    expect.arrayContaining(['log.sqlite', 'model-keys/kek.json', 'identity.json', 'conductor.json']),
  )
  return files
}

/** What became of an attempt; it fails the test when it is neither refused nor labelled. */
async function resultOf(row: Row, column: string, command: string, target: Target): Promise<string> {
  if (row.isolation === 'none') {
    // Even in the mode in which nothing else asks, and nothing of it ran.
    const { events } = await asked(target, [command], { mode: 'full' })
    expect(approvalOf(events)).toBeTruthy()
    expect(events.some(({ type }) => type === 'tool.result')).toBe(false)
    return 'labelled: no isolation, the command asked and did not run'
  }
  const { events } = await asked(target, [command], mayTry)
  const output = events.flatMap(event => (event.type === 'tool.result' ? [event.output] : [])).join('\n')
  const tries = output.split('\n').filter(line => line.includes(': '))
  expect(tries.length, output).toBeGreaterThan(0)
  if (column === 'reach metadata' && row.network === 'shared') {
    expect(output.match(/HTTP 200 planted metadata/g)).toHaveLength(metadataAddresses.length + 1)
    return 'labelled: network shared, as the status says; it answered'
  }
  for (const line of tries) expect(line, output).toMatch(isFine)
  const how = [...new Set(tries.map(line => line.slice(line.lastIndexOf(': ') + 2).slice(0, 12)))]
  return `refused (${how.join(', ')})`
}

/** No way in, nothing found, nothing changed. Inside of bubblewrap folders that are not there can be, and nobody sees them. */
const isFine =
  /: (E(ACCES|PERM|NOENT|ROFS|XDEV|CONNREFUSED|HOSTUNREACH|NETUNREACH|ADDRNOTAVAIL|NOTDIR)|HTTP 401 .*|all)$/

/** A process that outlives its command would answer what its own session asks next. */
async function leftBehind(row: Row, target: Target, ways: readonly string[]): Promise<void> {
  const { session } = await asked(target, ['node attempt.mjs connect nowhere'], mayTry)
  const command = `node attempt.mjs later ${session} ${ways.join(' ')}`
  const { events } = await asked(target, [command, 'touch pressed'], { ...mayTry, session })
  expect(approvalOf(events)).toBeTruthy()
  await new Promise(resolve => setTimeout(resolve, 1500))
  const { sessions } = await call(target, listSessions, { query: {} })
  expect(sessions.find(({ id }) => id === session)?.state).toBe('waiting')
  expect(processesWith('wait-and-approve')).toBe(0)
  cells.push({ row: row.name, column: 'approve itself', command, result: 'refused (ended with its command)' })
}

const processesWith = (word: string) =>
  execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
    .split('\n')
    .filter(line => line.includes(word)).length

function asked(target: Target, commands: readonly string[], more: object) {
  const question = `Please. COMMANDS ${JSON.stringify(commands)}`
  return askAndRead(target, { question, ...more }, event => event.type === 'approval.requested')
}

function approvalOf(events: readonly SessionEvent[]): string {
  const found = events.find(event => event.type === 'approval.requested')
  return found?.type === 'approval.requested' ? found.approval : ''
}
