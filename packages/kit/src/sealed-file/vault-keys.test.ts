import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startVault } from '@spoq/workbench/stand-ins/vault'
import { expect, onTestFinished, test } from 'vitest'
import { readSealed, rewrapSealed, SealBroken, vaultKeys, writeSealed } from './index.ts'
import { testFolder } from './test-folder.ts'

const binding = { owner: 'acct_1', name: 'anthropic', purpose: 'model key' }
const secret = Buffer.from('sk-in-vault')

async function place() {
  const vault = await startVault(['spoq'])
  onTestFinished(() => vault.stop())
  const keys = vaultKeys({ url: `${vault.url}/`, token: () => vault.token, key: 'spoq' })
  return { vault, keys, file: join(testFolder(), 'secret.sealed') }
}

test("a secret is sealed by Vault's key, and opens under its binding alone", async () => {
  const { vault, keys, file } = await place()
  await writeSealed(file, secret, binding, keys)
  expect(await readSealed(file, binding, keys)).toEqual(secret)
  await expect(readSealed(file, { ...binding, owner: 'acct_2' }, keys)).rejects.toThrow(SealBroken)
  expect(vault.called).toEqual(['encrypt/spoq', 'decrypt/spoq', 'decrypt/spoq'])
})

test('after a rotation in Vault all is wrapped anew, and then the old version may go', async () => {
  const { vault, keys, file } = await place()
  await writeSealed(file, secret, binding, keys)
  const { data } = JSON.parse(readFileSync(file, 'utf8'))
  vault.rotate('spoq')
  await rewrapSealed(file, binding, keys)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ data, key: expect.stringMatching(/^vault:v2:/) })
  vault.forgetBefore('spoq', 2)
  expect(await readSealed(file, binding, keys)).toEqual(secret)
  vault.rotate('spoq')
  vault.forgetBefore('spoq', 3)
  await expect(readSealed(file, binding, keys)).rejects.toThrow('too old')
})

test('a Vault that refuses, is sealed or has no such key is no broken seal, and no token is told', async () => {
  const { vault, keys, file } = await place()
  await writeSealed(file, secret, binding, keys)
  const failure = (work: Promise<unknown>) => work.then(() => null).catch((error: Error) => error)
  vault.sealed = true
  const sealed = await failure(readSealed(file, binding, keys))
  expect(sealed?.message).toBe('Vault answered 503 to decrypt: Vault is sealed')
  expect(sealed).not.toBeInstanceOf(SealBroken)
  vault.sealed = false

  const stranger = vaultKeys({ url: vault.url, token: () => 'hvs.wrong-token', key: 'spoq' })
  const refused = await failure(readSealed(file, binding, stranger))
  expect(refused?.message).toBe('Vault answered 403 to decrypt: permission denied')
  const other = vaultKeys({ url: vault.url, token: () => vault.token, key: 'none' })
  expect((await failure(writeSealed(file, secret, binding, other)))?.message).toContain('encryption key not found')
  expect(await readSealed(file, binding, keys)).toEqual(secret)
})

test('an answer of Vault that is lost seals nothing by half and loses nothing', async () => {
  const { vault, keys, file } = await place()
  let lost = 0
  const losing: typeof fetch = async (...request) => {
    await fetch(...request)
    lost++
    throw new TypeError('fetch failed')
  }
  const lossy = vaultKeys({ url: vault.url, token: () => vault.token, key: 'spoq', fetch: losing })
  await expect(writeSealed(file, secret, binding, lossy)).rejects.toThrow('fetch failed')
  expect(await readSealed(file, binding, keys)).toBeNull()
  await writeSealed(file, secret, binding, keys)
  vault.rotate('spoq')
  for (const work of [readSealed(file, binding, lossy), rewrapSealed(file, binding, lossy)])
    await expect(work).rejects.not.toThrow(SealBroken)
  expect(await readSealed(file, binding, keys)).toEqual(secret)
  expect(lost).toBe(3)
})
