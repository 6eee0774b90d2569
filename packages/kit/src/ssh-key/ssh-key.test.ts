import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { keyOfBlob, keyOfLine, mostKeys, readKeys } from './index.ts'
import * as made from './test-keys.ts'

const folder = mkdtempSync(join(tmpdir(), 'spoq-keys-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const hasKeygen = spawnSync('ssh-keygen', ['-?']).error === undefined
if (!hasKeygen) console.log('ssh-key: not held against ssh-keygen, which is not installed here')

/** What ssh-keygen says of each line: `BITS SHA256:…`. It stops at none of them. */
function keygenSays(lines: readonly string[]): string[] {
  const file = join(folder, 'keys.pub')
  writeFileSync(file, `${lines.join('\n')}\n`)
  const said = execFileSync('ssh-keygen', ['-lf', file], { encoding: 'utf8' }).trim().split('\n')
  return said.map(line => line.split(' ').slice(0, 2).join(' '))
}

const whyNot = (content: string | Uint8Array) => readKeys(content).refused.map(({ why }) => why)

describe('a key', () => {
  test.each(Object.entries(made.everyKind))('of kind %s is read as type and base64', (kind, make) => {
    const line = made.lineOf(make())
    const key = keyOfLine(`${line} somebody@laptop`)
    expect(key).toMatchObject({ line, isHardware: kind.startsWith('sk') })
    expect(keyOfBlob(Buffer.from(line.split(' ')[1] ?? '', 'base64'))).toEqual(key)
  })

  test.runIf(hasKeygen)('has the fingerprint and the bits that ssh-keygen prints', () => {
    const keys = Object.values(made.everyKind).map(make => keyOfLine(made.lineOf(make())))
    expect(keys.map(({ bits, fingerprint }) => `${bits} ${fingerprint}`)).toEqual(
      keygenSays(keys.map(({ line }) => line)),
    )
  })

  test.runIf(hasKeygen)('that ssh-keygen made is read', () => {
    for (const kind of [['ed25519'], ['ecdsa', '-b', '521'], ['rsa', '-b', '3072']]) {
      const file = join(folder, kind.join(''))
      execFileSync('ssh-keygen', ['-q', '-N', '', '-f', file, '-t', ...kind])
      const said = execFileSync('ssh-keygen', ['-lf', `${file}.pub`], { encoding: 'utf8' })
      const { keys } = readKeys(execFileSync('cat', [`${file}.pub`]))
      expect(said).toContain(keys[0]?.fingerprint)
      expect(whyNot(execFileSync('cat', [file]))).toEqual(['a private key: give the file that ends with .pub'])
    }
  })

  test('loses its options and its comment', () => {
    const line = made.lineOf(made.ed25519())
    for (const options of [
      'command="rm -rf /"',
      'command="echo \\"ssh-rsa AAAA\\"",no-pty',
      'from="10.0.0.0/8",environment="A=b c"',
      'restrict,pty',
      'no-touch-required',
      'verify-required',
    ])
      expect(keyOfLine(`${options} ${line} a comment`).line).toBe(line)
  })
})

const [good, other] = [made.ed25519(), made.ed25519()]
const cut = (blob: Buffer, by: number) => made.lineOf(blob.subarray(0, blob.length - by) as Buffer)
const raw = Buffer.alloc(32, 7)

describe('what is refused, and why', () => {
  test.each<[string, string | Uint8Array, string]>([
    ['DSA', made.lineOf(made.dsa()), 'a DSA key, which is too weak'],
    ['RSA of 1024 bits', made.lineOf(made.rsa(1_024)), 'an RSA key of 1024 bits: at least 3072 are needed'],
    ['RSA of 2047 bits', made.lineOf(made.rsa(2_047)), 'an RSA key of 2047 bits: at least 3072 are needed'],
    ['RSA of 2048 bits', made.lineOf(made.rsa(2_048)), 'an RSA key of 2048 bits: at least 3072 are needed'],
    ['RSA of 3071 bits', made.lineOf(made.rsa(3_071)), 'an RSA key of 3071 bits: at least 3072 are needed'],
    ['RSA of 8193 bits', made.lineOf(made.rsa(8_193)), 'an RSA key of 8193 bits: at most 8192 are taken'],
    ['the exponent 1', made.lineOf(made.rsa(3_072, Buffer.from([1]))), 'an RSA key with a bad exponent'],
    ['an even exponent', made.lineOf(made.rsa(3_072, Buffer.from([1, 0, 0]))), 'an RSA key with a bad exponent'],
    ['a long exponent', made.lineOf(made.rsa(3_072, Buffer.alloc(9, 1))), 'an RSA key with a bad exponent'],
    [
      'a padded number',
      made.lineOf(made.blobOf('ssh-rsa', Buffer.from([0, 1, 0, 1]), made.mpint(Buffer.alloc(384, 0xff)))),
      'a key with a number in a wrong form',
    ],
    [
      'a negative number',
      made.lineOf(made.blobOf('ssh-rsa', Buffer.from([3]), Buffer.alloc(384, 0xff))),
      'a key with a number in a wrong form',
    ],
    [
      'an even modulus',
      made.lineOf(made.blobOf('ssh-rsa', 'A', Buffer.alloc(385, 0x42))),
      'an RSA key with an even modulus',
    ],
    ['bytes behind', made.lineOf(Buffer.concat([good, Buffer.from([0])])), 'a key with more behind it'],
    ['a byte that is missing', cut(good, 1), 'a key that is cut off'],
    ['base64 that is cut off', made.lineOf(good).slice(0, -3), 'a key whose base64 is damaged'],
    ['no base64', 'ssh-ed25519', 'a key whose base64 is damaged'],
    ['base64 with something else in it', made.lineOf(good).replace('AAAA', 'AA-AA'), 'a key whose base64 is damaged'],
    [
      'another type than the blob',
      made.lineOf(good).replace('ssh-ed25519', 'ssh-rsa'),
      'a key of another type than it says',
    ],
    ['a short Ed25519 key', made.lineOf(made.blobOf('ssh-ed25519', 'short')), 'an Ed25519 key of a wrong length'],
    [
      'another curve',
      made.lineOf(made.blobOf('ecdsa-sha2-nistp256', 'nistp384', raw)),
      'an ECDSA key of another curve than it says',
    ],
    [
      'no point of the curve',
      made.lineOf(made.blobOf('ecdsa-sha2-nistp256', 'nistp256', Buffer.alloc(65, 4))),
      'an ECDSA key that is no point of its curve',
    ],
    [
      'a compressed point',
      made.lineOf(made.blobOf('ecdsa-sha2-nistp256', 'nistp256', Buffer.from([2, ...raw]))),
      'an ECDSA key that is no point of its curve',
    ],
    [
      'a hardware key without application',
      made.lineOf(made.blobOf('sk-ssh-ed25519@openssh.com', raw)),
      'a key that is cut off',
    ],
    [
      'a hardware key with a zero byte within its application',
      made.lineOf(made.blobOf('sk-ssh-ed25519@openssh.com', raw, 'ss\0:')),
      'a hardware key with a zero byte in its application',
    ],
    [
      'a hardware key with a zero byte behind its application',
      made.lineOf(made.blobOf('sk-ssh-ed25519@openssh.com', raw, 'ssh:\0')),
      'a hardware key with a zero byte in its application',
    ],
    [
      'a certificate',
      made.lineOf(made.blobOf('ssh-ed25519-cert-v01@openssh.com', raw)),
      'a certificate: give the key itself',
    ],
    ['an authority', `cert-authority ${made.lineOf(good)}`, 'the key of an authority for certificates'],
    ['a type of tomorrow', made.lineOf(made.blobOf('ssh-mldsa65', raw)), 'a key of a type that is not known here'],
    ['an SSH1 key', '1024 35 14738291 me@host', 'an SSH1 key'],
    ['a line of known_hosts', `example.com ${made.lineOf(good)}`, 'no public key'],
    ['a word', 'hello', 'no public key'],
    ['a web page', '<!DOCTYPE html>', 'a web page'],
    ['another form', '---- BEGIN SSH2 PUBLIC KEY ----', 'a key in another form: ssh-keygen -i -f FILE converts it'],
    [
      'a private key among others',
      `${made.lineOf(good)}\n-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blbn`,
      'a private key: give the file that ends with .pub',
    ],
    ["PuTTY's", 'PuTTY-User-Key-File-3: ssh-ed25519\n', 'a private key: give the file that ends with .pub'],
    ['a zero byte', `${made.lineOf(good)} a\0b`, 'no text: it has zero bytes'],
    ['a byte-order mark', `\ufeff${made.lineOf(good)}`, 'a text with a byte-order mark: save it as UTF-8 without one'],
    ['UTF-16', Buffer.from(`\ufeff${made.lineOf(good)}`, 'utf16le'), 'a text in UTF-16: save it as UTF-8'],
    ['Latin-1', Buffer.from(`${made.lineOf(good)} Jürgen`, 'latin1'), 'no text in UTF-8'],
    ['control characters', `${made.lineOf(good)} \u001b[2J`, 'no plain text'],
    ['a long line', `${made.lineOf(good)} ${'x'.repeat(16_384)}`, 'a line that is too long'],
    ['many lines', `${made.lineOf(good)}\n`.repeat(mostKeys + 1), `more than ${mostKeys} lines`],
  ])('%s', (_, content, why) => {
    const { keys, refused } = readKeys(content)
    expect(refused.map(one => one.why)).toEqual([why])
    expect(keys).toEqual([])
  })
})

test('a file is read line by line: good ones once each, with CRLF too, and each other one by its number', () => {
  const [a, b] = [made.lineOf(good), made.lineOf(other)]
  const { keys, refused } = readKeys(Buffer.from(`# mine\r\n\r\n${a} laptop\r\nssh-dss AAAA\r\n${b}\r\n${a} again\r\n`))
  expect(keys.map(({ line }) => line)).toEqual([a, b])
  expect(refused).toEqual([{ line: 4, why: 'a DSA key, which is too weak' }])
})

test('as many as may be are read', () => {
  const { keys, refused } = readKeys(`${made.lineOf(good)}\n`.repeat(mostKeys))
  expect([keys.length, refused]).toEqual([1, []])
})

/** Whole keys with one thing changed: a byte, a piece taken out, a piece put in, the type of the line. */
const damaged = fc
  .record({
    kind: fc.constantFrom(...Object.values(made.everyKind)),
    at: fc.nat(999),
    byte: fc.nat(255),
    take: fc.constantFrom(1, 1, 1, 0, 2, 4),
    put: fc.constantFrom([], [], [], [0], [0, 0, 0]),
    type: fc.constantFrom(undefined, undefined, undefined, undefined, 'ssh-rsa', 'ssh-ed25519', 'ecdsa-sha2-nistp256'),
    before: fc.constantFrom('', 'restrict ', 'from="*" ', ' ', '\t', 'x '),
  })
  .map(({ kind, at, byte, take, put, type, before }) => {
    const blob = kind()
    const here = Math.floor((at / 1_000) * blob.length)
    const changed = Buffer.concat([
      blob.subarray(0, here),
      Buffer.from(put),
      Buffer.from([byte]),
      blob.subarray(here + take),
    ])
    const [named, base64] = [type ?? made.lineOf(blob).split(' ')[0], changed.toString('base64')]
    return `${before}${named} ${base64} somebody`
  })

// Mutants: no check that the point is on the curve; trailing bytes let through; the type of the line believed.
test('whatever the bytes are, nothing is thrown, and ssh-keygen takes what is taken', () => {
  const taken: { line: string; fingerprint: string; bits: number }[] = []
  const content = fc.oneof(
    { weight: 6, arbitrary: damaged },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 400 }) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 400 }) },
  )
  fc.assert(
    fc.property(content, bytes => {
      const { keys } = readKeys(bytes)
      for (const key of keys) expect(keyOfLine(key.line)).toEqual(key)
      taken.push(...keys)
    }),
    { numRuns: 800 },
  )
  expect(taken.length).toBeGreaterThan(10)
  if (!hasKeygen) return
  expect(taken.map(({ bits, fingerprint }) => `${bits} ${fingerprint}`)).toEqual(
    keygenSays(taken.map(({ line }) => line)),
  )
})
