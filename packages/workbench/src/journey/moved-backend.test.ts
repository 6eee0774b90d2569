// The backend of a data folder comes back at another address: the machine that went on meanwhile has to be told.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { localProvider } from '@spoq/providers/local'
import { afterAll, expect, test } from 'vitest'
import { freePorts } from '../free-ports.ts'
import { type Ran, runSpoq, startHome } from './home.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'spoq-moved-'))
const environment = { SPOQ_DATA_DIR: dataDir }
const spoq = (...args: string[]) => runSpoq(args, { environment })
const upOnce = async (port: number, ...args: string[]) =>
  spoq('up', '--yes', '--exit', '--json', '--port', String(port), ...args)
const readyOf = ({ stdout }: Ran) => JSON.parse(stdout.split('\n', 1)[0] ?? '')

afterAll(async () => {
  const conductor = { node: process.execPath, entry: '' }
  const left = localProvider({ machinesDir: join(dataDir, 'machines'), conductor, now: Date.now })
  for (const { ref } of await left.list()) await left.terminate(ref)
  rmSync(dataDir, { recursive: true, force: true })
})

test('up at another port finds its login and its one machine again, and both answer there', async () => {
  const [first = 0, second = 0] = await freePorts(2)
  const before = await upOnce(first)
  expect(before).toMatchObject({ status: 0 })
  const { machine } = readyOf(before)

  const moved = await upOnce(second, '--ask', 'what can you do here?')
  expect(moved).toMatchObject({ status: 0, stdout: expect.stringContaining('turn.done') })
  expect(readyOf(moved)).toMatchObject({ server: `http://127.0.0.1:${second}`, machine })

  // The port of last time is taken again by itself.
  const home = await startHome({ environment: { ...environment } })
  try {
    expect(home).toMatchObject({ server: `http://127.0.0.1:${second}`, machine })
    expect(JSON.parse((await spoq('machine', 'list', '--json')).stdout).machines).toHaveLength(1)
    const asked = await spoq('ask', '--model', 'demo', 'and now?')
    expect(asked).toMatchObject({ status: 0, stdout: expect.stringContaining('[demo: scripted, not AI]') })
  } finally {
    await home.close()
  }
}, 180_000)
