// A crash at any write: the process is ended after each of its system calls that change something, and what is left must
// be the old secret or the new one, never neither.

import type * as fs from 'node:fs'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { type Binding, localKeys, readSealed, rewrapSealed, writeSealed } from './index.ts'
import { testFolder } from './test-folder.ts'

const state = vi.hoisted(() => ({ left: Number.POSITIVE_INFINITY, crashed: false }))

vi.mock('node:fs', async original => {
  const real = await original<typeof fs>()
  const changing = ['openSync', 'writeFileSync', 'fsyncSync', 'renameSync', 'rmSync'] as const
  const wrapped = Object.fromEntries(
    changing.map(name => [
      name,
      (...given: unknown[]) => {
        // After a crash nothing runs any more, cleaning up included.
        if (state.crashed || state.left-- <= 0) {
          state.crashed = true
          throw new Error('crash')
        }
        // A file that is written may be cut off in the middle as well.
        if (name === 'writeFileSync' && state.left <= 0) {
          real.writeFileSync(given[0] as number, String(given[1]).slice(0, 20))
          state.crashed = true
          throw new Error('crash')
        }
        return (real[name] as (...all: unknown[]) => unknown)(...given)
      },
    ]),
  )
  return { ...real, ...wrapped }
})

const binding: Binding = { owner: 'mach_1', name: 'openai', purpose: 'model key' }
const old = Buffer.from('the old one')
const fresh = Buffer.from('the new one')

async function crashAfter(writes: number, work: () => Promise<void>): Promise<boolean> {
  Object.assign(state, { left: writes, crashed: false })
  const done = await work().then(
    () => true,
    () => false,
  )
  Object.assign(state, { left: Number.POSITIVE_INFINITY, crashed: false })
  return done
}

// Mutants: write in place instead of beside; rename before the content is on the disk is caught by review alone.
test.each([
  [
    'a secret is replaced',
    (file: string, keys: ReturnType<typeof localKeys>) => writeSealed(file, fresh, binding, keys),
  ],
  [
    'the keys are rotated and all is wrapped anew',
    async (file: string, keys: ReturnType<typeof localKeys>) => {
      keys.rotate()
      await rewrapSealed(file, binding, keys)
      keys.forgetOld()
    },
  ],
])('a crash at any write while %s leaves one that opens', async (_, work) => {
  const folder = testFolder()
  const file = join(folder, 'secret.sealed')
  const keys = localKeys(join(folder, 'keys.json'))
  await writeSealed(file, old, binding, keys)
  let writes = 0
  while (!(await crashAfter(writes++, () => work(file, keys))))
    expect([old, fresh]).toContainEqual(await readSealed(file, binding, keys))
  expect(writes).toBeGreaterThan(5)
  expect([old, fresh]).toContainEqual(await readSealed(file, binding, keys))
  expect(readdirSync(folder)).toContain('secret.sealed')
})
