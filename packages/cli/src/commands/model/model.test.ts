// `spoq model …` as a process, against a real Conductor and vendors that speak their own wire format.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Anthropic, startAnthropic } from '@spoq/workbench/stand-ins/anthropic'
import { startMachine, type TestMachine } from '@spoq/workbench/stand-ins/machine'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { bin } from '../../testing.ts'

let machine: TestMachine
let vendor: Anthropic

beforeEach(async () => {
  machine = await startMachine({ demoPaceMs: 0 })
  vendor = await startAnthropic([{ pieces: ['A cat.'], tokens: { input: 1000, output: 10 } }], ['claude-sonnet-5-5'])
})
afterEach(async () => {
  await machine.stop()
  await vendor.stop()
})

async function spoq(words: string, input = '') {
  const { PATH, HOME } = process.env
  const env = { PATH, HOME, SPOQ_MARKER: machine.marker, SPOQ_DATA_DIR: join(machine.folder, 'data') }
  const child = spawn(process.execPath, [bin, ...words.split(' ')], { cwd: machine.folder, env, stdio: 'pipe' })
  const seen = { out: '', err: '' }
  child.stdout.on('data', piece => (seen.out += piece))
  child.stderr.on('data', piece => (seen.err += piece))
  child.stdin.end(input)
  const [status] = (await once(child, 'close')) as [number]
  return { status, ...seen }
}

const name = 'anthropic/claude-sonnet-5-5'
const setKey = () => spoq(`model key set anthropic --url ${vendor.url}`, `${vendor.key}\n`)

test('from a key to an answer with its price: set, use, list, test, remove', async () => {
  const set = await setKey()
  expect(set).toMatchObject({ status: 0, out: expect.stringContaining('anthropic takes the key sk-…0123.') })
  expect(set.out + set.err).not.toContain(vendor.key)
  expect((await spoq(`model use ${name} --alias cat`)).out).toBe(`${name} at ${vendor.url}, with a key\n`)

  const list = await spoq('model list')
  expect(list.out).toMatch(/anthropic\/claude-sonnet-5-5 \(cat\) +default +2 \/ 10 +ready/)
  expect(list.out).toMatch(/sk-…0123 +anthropic +http/)
  const tested = await spoq('model test cat')
  expect(tested.out).toMatch(/^anthropic\/claude-sonnet-5-5 answered in \d+ ms · 1000 \+ 10 tokens · \$0\.0021\n$/)
  expect(JSON.parse((await spoq('model test --json')).out)).toMatchObject({ name, costMicros: 2100 })
  const events = (await spoq('ask --json --no-files what')).out.trim().split('\n')
  expect(JSON.parse(events.at(-1) ?? '')).toMatchObject({ type: 'turn.done', model: name, costMicros: 2100 })

  expect((await spoq('model key remove anthropic')).status).toBe(0)
  const without = await spoq('ask --no-files what')
  expect(without).toMatchObject({ status: 2, err: expect.stringContaining('spoq model key set anthropic') })
})

test('a context size is set and taken back; an alias goes alone, a model with all that is its own', async () => {
  await setKey()
  await spoq(`model use ${name} --alias cat`)
  expect((await spoq('model context cat --tokens 50000')).out).toBe(
    `${name} takes 50000 tokens in one call, from the next turn on.\n`,
  )
  const shown = async () => JSON.parse((await spoq('model list --json')).out).models[0]
  expect(await shown()).toMatchObject({ alias: 'cat', contextTokens: 50_000 })
  expect(JSON.parse((await spoq('model context cat --reset --json')).out)).toEqual({ name, tokens: 200_000 })
  for (const words of [
    'model context cat',
    'model context cat --tokens 999',
    'model context cat --tokens 5000 --reset',
  ])
    expect([words, (await spoq(words)).status]).toEqual([words, 2])

  expect((await spoq('model remove cat')).out).toMatch(/^Removed: cat\. Now in use:\nanthropic\/claude/)
  expect(await shown()).toMatchObject({ name, alias: null, order: 0 })
  expect(JSON.parse((await spoq(`model remove ${name} --json`)).out)).toMatchObject({
    model: name,
    aliases: [],
    inUse: { source: 'none' },
  })
  expect((await spoq('model remove nothing')).err).toContain('nothing')
  expect((await spoq('model list')).out).toContain('sk-…0123')
})

test('a wrong key is refused in the words of the vendor, without the key', async () => {
  const refused = await spoq(`model key set anthropic --url ${vendor.url}`, 'sk-ant-wrong-key-9999')
  expect(refused).toMatchObject({ status: 9, err: expect.stringContaining('invalid x-api-key: ***') })
  expect(refused.out + refused.err).not.toContain('sk-ant-wrong-key-9999')
  expect((await spoq('model key set anthropic', '')).status).toBe(2)
  expect((await spoq('model key set nobody', 'x')).status).toBe(2)
})

test('budgets are set, shown and held', async () => {
  await setKey()
  await spoq(`model use ${name}`)
  expect((await spoq('model budget set')).status).toBe(2)
  expect((await spoq('model budget set --day five')).status).toBe(2)
  const set = await spoq('model budget set --turn 0.50 --day 20000tokens')
  expect(set.out).toMatch(/^A turn: \$0\.50\nA day \(UTC\): 20000 tokens\nUsed today: /)
  expect(JSON.parse((await spoq('model budget show --json')).out).budget.turn.costMicros).toBe(500_000)
  await spoq('model budget set --turn 0.0001')
  const spent = await spoq('ask --no-files what')
  expect(spent).toMatchObject({ status: 8, err: expect.stringContaining('spoq model budget set --turn') })
})

test('an own price counts; it is taken back by --reset', async () => {
  await setKey()
  await spoq(`model use ${name}`)
  expect((await spoq(`model price ${name} --input 1`)).status).toBe(2)
  await spoq(`model price ${name} --input 1 --output 1`)
  expect(JSON.parse((await spoq('model test --json')).out).costMicros).toBe(1010)
  await spoq(`model price ${name} --reset`)
  expect(JSON.parse((await spoq('model test --json')).out).costMicros).toBe(2100)
})

test('an image goes with the question; a model that takes none is told before anything is sent', async () => {
  await setKey()
  await spoq(`model use ${name}`)
  const dot = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')
  // By its bytes, not by its name.
  writeFileSync(join(machine.folder, 'shot.dat'), dot)
  expect((await spoq('ask --no-files -f shot.dat what')).out).toBe('A cat.\n')
  expect(JSON.stringify(vendor.asked.at(-1)?.body)).toContain(dot.toString('base64'))
  const refused = await spoq('ask --no-files --model demo -f shot.dat what')
  expect(refused).toMatchObject({ status: 2, err: expect.stringContaining('demo takes no images.') })
})
