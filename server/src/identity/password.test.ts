import { expect, test } from 'vitest'
import { hashPassword, verifyPassword } from './password.ts'

test('a password is found right again, another is not, and no two hashes are the same', async () => {
  const [one, two] = [await hashPassword('correct horse'), await hashPassword('correct horse')]
  expect(one).not.toBe(two)
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  expect(await verifyPassword({ password: 'correct horse', hash: one })).toBe(true)
  expect(await verifyPassword({ password: 'correct horsf', hash: one })).toBe(false)
  expect(await verifyPassword({ password: 'correct horse', hash: 'x:y' })).toBe(false)
})

test('a hash of another program with other parameters is read', async () => {
  // printf '%s' password | argon2 somesalt -id -t 2 -m 16 -p 1
  const hash = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'
  expect(await verifyPassword({ password: 'password', hash })).toBe(true)
  expect(await verifyPassword({ password: 'passwore', hash })).toBe(false)
})

test('letters that are composed in two ways are the same password', async () => {
  const hash = await hashPassword('Zürich zürich'.normalize('NFC'))
  expect(await verifyPassword({ password: 'Zürich zürich'.normalize('NFD'), hash })).toBe(true)
})
