import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { patched, readPatches, unpatched } from './patched.ts'

const packages = resolve(import.meta.dirname, '../../../../node_modules')

test.each([...readPatches()])('the patch of %s fits, once, and can be taken back', (name, hunks) => {
  const original = unpatched(readFileSync(join(packages, name), 'utf8'), hunks)
  const after = patched(original, hunks)
  expect(after).not.toBe(original)
  expect(patched(after, hunks)).toBe(after)
  expect(unpatched(after, hunks)).toBe(original)
})

test('a patch that does not fit is an error', () => {
  for (const [, hunks] of readPatches()) expect(() => patched('another text\n', hunks)).toThrow('does not fit')
})
