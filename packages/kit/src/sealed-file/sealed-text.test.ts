import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { startVault } from '@spoq/workbench/stand-ins/vault'
import { expect, onTestFinished, test } from 'vitest'
import {
  type Kms,
  keyRing,
  kmsKeys,
  localKeys,
  rewrap,
  SealBroken,
  seal,
  sealedUnder,
  unseal,
  vaultKeys,
} from './index.ts'
import { testFolder } from './test-folder.ts'

const binding = { owner: 'acct_1', name: 'secret_1', purpose: 'model-key' }
const secret = Buffer.from('sk-in-a-row')
const local = () => localKeys(join(testFolder(), 'keys.json'))

test('a text opens under its own binding, says its key, and holds nothing in the clear', async () => {
  const keys = local()
  const text = await seal(secret, binding, keys)
  expect(await unseal(text, binding, keys)).toEqual(secret)
  expect(sealedUnder(text)).toBe('local:1')
  expect(text).not.toContain(secret.toString())
  for (const other of [{ owner: 'acct_2' }, { name: 'secret_2' }, { purpose: 'ssh-key' }])
    await expect(unseal(text, { ...binding, ...other }, keys)).rejects.toThrow(SealBroken)
})

test('a text that is none, or has more at its end, is refused', async () => {
  const keys = local()
  const text = await seal(secret, binding, keys)
  for (const bad of [
    '',
    '{}',
    'null',
    `${text}\n`,
    ` ${text}`,
    text.slice(0, -1),
    text.replace('"form":1', '"form":2'),
  ]) {
    await expect(unseal(bad, binding, keys), bad).rejects.toThrow(SealBroken)
    await expect(rewrap(bad, binding, keys), bad).rejects.toThrow(SealBroken)
    expect(() => sealedUnder(bad)).toThrow(SealBroken)
  }
})

test('a ring opens what each of its sources wrapped and wraps by the first: secrets move into Vault', async () => {
  const vault = await startVault(['spoq'])
  onTestFinished(() => vault.stop())
  const file = local()
  const ring = keyRing(vaultKeys({ url: vault.url, token: () => vault.token, key: 'spoq' }), file)
  const before = await seal(secret, binding, file)
  expect(await unseal(before, binding, ring)).toEqual(secret)
  const after = await rewrap(before, binding, ring)
  expect(sealedUnder(after)).toBe('vault:v1')
  expect(await unseal(after, binding, ring)).toEqual(secret)
  await expect(unseal(after, binding, file)).rejects.toThrow(SealBroken)
  await expect(unseal(after, binding, keyRing(file))).rejects.toThrow('not here')
})

test('versions that are named are not forgotten, and a file that is gone is not made again', async () => {
  const keys = local()
  const texts = [await seal(secret, binding, keys)]
  for (let times = 0; times < 2; times++) {
    keys.rotate()
    texts.push(await seal(secret, binding, keys))
  }
  expect(keys.versions()).toEqual(['local:1', 'local:2', 'local:3'])
  keys.forgetOld(['local:1'])
  expect(keys.versions()).toEqual(['local:1', 'local:3'])
  const [first = '', second = '', third = ''] = texts
  for (const text of [first, third]) expect(await unseal(text, binding, keys)).toEqual(secret)
  await expect(unseal(second, binding, keys)).rejects.toThrow(SealBroken)

  const known = localKeys(join(testFolder(), 'keys.json'), { make: false })
  await expect(seal(secret, binding, known)).rejects.toThrow('is gone')
  known.rotate()
  expect(sealedUnder(await seal(secret, binding, known))).toBe('local:1')
})

test('what a KMS encrypted opens by the version that it named, whatever signs that has', async () => {
  const kept = new Map<string, Buffer>()
  const name = 'projects/p/locations/eu/keyRings/r/cryptoKeys/k:1'
  const kms: Kms = {
    encrypt: async (plain, aad) => {
      const [key, nonce] = [kept.get(name) ?? randomBytes(32), randomBytes(12)]
      kept.set(name, key)
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(aad)
      return {
        version: name,
        ciphertext: Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]),
      }
    },
    decrypt: async (version, sealed, aad) => {
      const key = kept.get(version)
      if (!key) throw new Error('no such key')
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12), { authTagLength: 16 }).setAAD(aad)
      decipher.setAuthTag(sealed.subarray(-16))
      try {
        return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()])
      } catch {
        throw new SealBroken('the KMS refuses it')
      }
    },
  }
  const keys = kmsKeys(kms)
  const text = await seal(secret, binding, keys)
  expect(await unseal(text, binding, keys)).toEqual(secret)
  expect(sealedUnder(text)).toBe(`kms:${Buffer.from(name).toString('base64url')}`)
  await expect(unseal(text, { ...binding, owner: 'acct_2' }, keys)).rejects.toThrow(SealBroken)
})
