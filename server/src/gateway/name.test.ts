import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { nameOf } from './name.ts'

const asked = (...hosts: string[]) =>
  ({ rawHeaders: hosts.flatMap(host => ['Host', host]), headers: { host: hosts[0] } }) as unknown as IncomingMessage

test.each([
  ['ann.spoq.dev', 'ann'],
  ['ANN.Spoq.dev', 'ann'],
  ['ann.spoq.dev:8443', 'ann'],
  ['ann.spoq.dev.', null],
  ['spoq.dev', null],
  ['.spoq.dev', null],
  ['annspoq.dev', null],
  ['x.ann.spoq.dev', null],
  ['ann.spoq.dev.evil.test', null],
  ['ann.evil.test', null],
  ['-ann.spoq.dev', null],
  ['ann@evil.spoq.dev', null],
  ['', null],
])('the host %j asks for %j', (host, name) => {
  expect(nameOf(asked(host), 'spoq.dev')).toBe(name)
})

test('two hosts ask for nobody', () => {
  expect(nameOf(asked('ann.spoq.dev', 'ben.spoq.dev'), 'spoq.dev')).toBeNull()
})
