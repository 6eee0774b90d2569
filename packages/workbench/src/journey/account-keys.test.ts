// A key for all machines of an account: given once, used by the machine from its next turn on, also when it slept.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Anthropic, startAnthropic } from '../stand-ins/anthropic.ts'
import { type Home, startHome } from './home.ts'

let home: Home
let vendor: Anthropic

beforeAll(async () => {
  home = await startHome()
  vendor = await startAnthropic(
    Array.from({ length: 9 }, () => ({ pieces: ['A cat.'] })),
    ['cat'],
  )
}, 120_000)
afterAll(async () => {
  await home.close()
  await vendor.stop()
})

const ask = () => home.spoq(['ask', '--no-files', '--model', 'anthropic/cat', 'what is it?'])
const set = (...more: string[]) =>
  home.spoq(['model', 'key', 'set', 'anthropic', '--url', vendor.url, ...more], { input: `${vendor.key}\n` })
const list = async () => (await home.spoq(['model', 'key', 'list'])).stdout
/** What the backend wants takes a moment to be on the machine. */
async function until(fits: (text: string) => boolean, look: () => Promise<string> = list): Promise<string> {
  for (const begun = Date.now(); Date.now() - begun < 30_000; ) {
    const text = await look()
    if (fits(text)) return text
  }
  throw new Error(`it never came: ${await look()}`)
}

test('set for the account it is used by the machine, which sleeps or not, and removed it is gone there', async () => {
  expect(await ask()).toMatchObject({ status: 2, stderr: expect.stringContaining('There is no key for anthropic') })
  expect(await list()).toContain('No key yet.')
  const given = await set('--account')
  expect(given).toMatchObject({ status: 0, stdout: expect.stringContaining('anthropic takes the key sk-…0123.') })
  expect(given.stdout + given.stderr).not.toContain(vendor.key)
  expect(await until(text => text.includes(' used,'))).toMatch(/sk-…0123 +anthropic +http\S+ +account +used, checked/)
  expect(await ask()).toMatchObject({ status: 0, stdout: 'A cat.\n' })

  expect((await set()).status).toBe(0)
  expect(await list()).toMatch(/ machine +used\n.* account +not used: the machine has its own/)
  expect((await home.spoq(['model', 'list'])).stdout).toContain('account, not used')
  expect((await home.spoq(['model', 'key', 'remove', 'anthropic'])).status).toBe(0)

  await home.spoq(['machine', 'stop'])
  const away = await home.spoq(['model', 'key', 'list', '--json'])
  expect(JSON.parse(away.stdout)).toMatchObject({ account: [{ vendor: 'anthropic', version: 1 }], machine: null })
  const removed = await home.spoq(['model', 'key', 'remove', 'anthropic', '--account', '--json'])
  expect(JSON.parse(removed.stdout)).toEqual({ removed: 'anthropic', from: 'account' })
  expect(await home.spoq(['model', 'key', 'remove', 'anthropic', '--account'])).toMatchObject({ status: 4 })
  await home.spoq(['machine', 'start'])
  await until(text => text.includes('No key yet.'))
  expect(await ask()).toMatchObject({ status: 2 })
}, 180_000)

test('a wrong key is refused before it is kept, one without a check is kept, and none is taken from an argument', async () => {
  const input = 'sk-ant-wrong-key-9999'
  const words = ['model', 'key', 'set', 'anthropic', '--account', '--url', vendor.url]
  const refused = await home.spoq(words, { input })
  expect(refused).toMatchObject({ status: 9, stderr: expect.stringContaining('anthropic refused the key: ') })
  expect(refused.stdout + refused.stderr).not.toContain(input)
  const kept = await home.spoq([...words, '--no-check', '--json'], { input })
  expect(JSON.parse(kept.stdout)).toMatchObject({ masked: 'sk-…9999', checkedAt: null })
  expect((await home.spoq([...words, vendor.key])).status).toBe(2)
  expect((await home.spoq(['model', 'key', 'set', 'anthropic', '--no-check'], { input })).status).toBe(2)
  expect((await home.spoq(['model', 'key', 'set', 'ollama', '--account'], { input })).status).toBe(2)
}, 120_000)
