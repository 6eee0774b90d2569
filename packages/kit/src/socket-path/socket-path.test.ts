import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { socketPath } from './socket-path.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spoq-socket-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('a short folder holds its own sockets', () => {
  expect(socketPath(folder, 'local.sock')).toBe(join(folder, 'local.sock'))
})

test('a deep folder gets a short directory that only this user opens, the same every time', () => {
  const deep = join(folder, 'x'.repeat(120))
  const path = socketPath(deep, 'local.sock')
  expect(Buffer.byteLength(path)).toBeLessThan(104)
  expect(statSync(dirname(path)).mode & 0o777).toBe(0o700)
  expect(socketPath(deep, 'local.sock')).toBe(path)
  expect(socketPath(`${deep}y`, 'local.sock')).not.toBe(path)
  rmSync(dirname(path), { recursive: true })
})

test('a short directory that is open to others is refused', () => {
  const deep = join(folder, 'z'.repeat(120))
  const short = dirname(socketPath(deep, 'local.sock'))
  chmodSync(short, 0o777)
  expect(() => socketPath(deep, 'local.sock')).toThrow('open to others')
  rmSync(short, { recursive: true })
})
