import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Binding, localKeys, readSealed, removeSealed, rewrapSealed, SealBroken, writeSealed } from './index.ts'
import { testFolder } from './test-folder.ts'

const binding: Binding = { owner: 'mach_1', name: 'anthropic', purpose: 'model key' }
const secret = Buffer.from('sk-a-secret-of-some-length')

function place() {
  const folder = testFolder()
  return { folder, file: join(folder, 'secret.sealed'), keys: localKeys(join(folder, 'keys.json')) }
}

test('what was sealed opens again, for this user alone, and is nowhere in the clear', async () => {
  const { folder, file, keys } = place()
  expect(await readSealed(file, binding, keys)).toBeNull()
  await writeSealed(file, secret, binding, keys)
  expect(await readSealed(file, binding, localKeys(join(folder, 'keys.json')))).toEqual(secret)
  expect(readdirSync(folder).sort()).toEqual(['keys.json', 'secret.sealed'])
  for (const name of readdirSync(folder)) {
    expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600)
    const text = readFileSync(join(folder, name), 'latin1')
    expect(text).not.toContain(secret.toString())
    expect(text).not.toContain(secret.toString('base64').slice(0, 20))
  }
  removeSealed(file)
  removeSealed(file)
  expect(await readSealed(file, binding, keys)).toBeNull()
})

test('the same secret is never sealed the same', async () => {
  const { file, keys } = place()
  await writeSealed(file, secret, binding, keys)
  const first = readFileSync(file, 'utf8')
  await writeSealed(file, secret, binding, keys)
  expect(readFileSync(file, 'utf8')).not.toBe(first)
})

// Mutants it catches: decode base64 without the check of its canonical form; parse the JSON without comparing its text;
// leave `setAuthTag` or `authTagLength` out.
test('every file with one bit changed is refused', async () => {
  const { file, keys } = place()
  await writeSealed(file, secret, binding, keys)
  const good = readFileSync(file)
  for (let byte = 0; byte < good.length; byte++)
    for (let bit = 0; bit < 8; bit++) {
      const bad = Buffer.from(good)
      bad[byte] = (bad[byte] ?? 0) ^ (1 << bit)
      writeFileSync(file, bad)
      await expect(readSealed(file, binding, keys), `byte ${byte}, bit ${bit}`).rejects.toThrow(SealBroken)
    }
})

// Mutants: accept an empty ciphertext, or a tag that is shorter.
test('every file that was cut is refused, and so is one with more at its end', async () => {
  const { file, keys } = place()
  await writeSealed(file, secret, binding, keys)
  const good = readFileSync(file)
  for (let length = 0; length < good.length; length++) {
    writeFileSync(file, good.subarray(0, length))
    await expect(readSealed(file, binding, keys), `${length} bytes`).rejects.toThrow(SealBroken)
  }
  writeFileSync(file, Buffer.concat([good, Buffer.from('\n')]))
  await expect(readSealed(file, binding, keys)).rejects.toThrow(SealBroken)
})

// Mutants: leave a part out of `bytesOf`, or join the parts by a sign that may stand in one of them.
test('a secret opens under its own binding alone', async () => {
  const { file, keys } = place()
  const part = fc.stringMatching(/^["',:/ a-c]{0,4}$/)
  const bindings = fc.record({ owner: part, name: part, purpose: part })
  await fc.assert(
    fc.asyncProperty(bindings, bindings, async (one, other) => {
      await writeSealed(file, secret, one, keys)
      const same = one.owner === other.owner && one.name === other.name && one.purpose === other.purpose
      if (same) expect(await readSealed(file, other, keys)).toEqual(secret)
      else await expect(readSealed(file, other, keys)).rejects.toThrow(SealBroken)
    }),
    { numRuns: 60 },
  )
})

// Mutants: the data key of one file opens another; the wrapped key is not bound.
test('parts of two sealed files do not make a third', async () => {
  const { folder, file, keys } = place()
  const other = join(folder, 'other.sealed')
  await writeSealed(file, secret, binding, keys)
  await writeSealed(other, Buffer.from('another'), { ...binding, name: 'openai' }, keys)
  const [a, b] = [file, other].map(path => JSON.parse(readFileSync(path, 'utf8')) as { key: string; data: string })
  for (const mixed of [
    { form: 1, key: a?.key, data: b?.data },
    { form: 1, key: b?.key, data: a?.data },
  ]) {
    writeFileSync(file, `${JSON.stringify(mixed)}\n`)
    await expect(readSealed(file, binding, keys)).rejects.toThrow(SealBroken)
  }
})

test('a rotation opens the old, wraps the new, and wrapping anew leaves the data to the byte', async () => {
  const { file, keys } = place()
  await writeSealed(file, secret, binding, keys)
  const before = JSON.parse(readFileSync(file, 'utf8'))
  keys.rotate()
  expect(await readSealed(file, binding, keys)).toEqual(secret)
  await rewrapSealed(file, binding, keys)
  const after = JSON.parse(readFileSync(file, 'utf8'))
  expect(after.data).toBe(before.data)
  expect([before.key.slice(0, 8), after.key.slice(0, 8)]).toEqual(['local:1:', 'local:2:'])
  keys.forgetOld()
  expect(await readSealed(file, binding, keys)).toEqual(secret)
  writeFileSync(file, `${JSON.stringify(before)}\n`)
  await expect(readSealed(file, binding, keys)).rejects.toThrow('The key that this was sealed with is not here.')
  await expect(rewrapSealed(file, binding, keys)).rejects.toThrow(SealBroken)
})

test('a lost or damaged key file is told, and never replaced by a new one', async () => {
  const { folder, file, keys } = place()
  await writeSealed(file, secret, binding, keys)
  writeFileSync(join(folder, 'keys.json'), '{')
  await expect(readSealed(file, binding, keys)).rejects.toThrow(SealBroken)
  await expect(writeSealed(file, secret, binding, keys)).rejects.toThrow(SealBroken)
  expect(() => keys.rotate()).toThrow(SealBroken)
  expect(readFileSync(join(folder, 'keys.json'), 'utf8')).toBe('{')
})
