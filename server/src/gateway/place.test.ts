import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { placeOf } from './place.ts'

const asked = (...hosts: string[]) =>
  ({ rawHeaders: hosts.flatMap(host => ['Host', host]), headers: { host: hosts[0] } }) as unknown as IncomingMessage

test.each([
  ['ann.spoq.dev', { name: 'ann' }],
  ['ANN.Spoq.dev', { name: 'ann' }],
  ['ann.spoq.dev:8443', { name: 'ann' }],
  ['ann.spoq.dev.', null],
  ['spoq.dev', null],
  ['.spoq.dev', null],
  ['x.ann.spoq.dev', null],
  ['-ann.spoq.dev', null],
  ['ann@evil.spoq.dev', null],
  ['', null],
  ['localhost', null],
  ['127.0.0.1:4180', null],
  ['[::1]', null],
  ['app.example.com', { domain: 'app.example.com' }],
  ['APP.Example.com:443', { domain: 'app.example.com' }],
  ['annspoq.dev', { domain: 'annspoq.dev' }],
  ['ann.spoq.dev.evil.test', { domain: 'ann.spoq.dev.evil.test' }],
  ['app.example.com.', null],
  ['app_x.example.com', null],
  ['app.example.com/../ann', null],
])('the host %j asks for %j', (host, place) => {
  expect(placeOf(asked(host), 'spoq.dev')).toEqual(place)
})

test('two hosts ask for nobody', () => {
  expect(placeOf(asked('ann.spoq.dev', 'ben.spoq.dev'), 'spoq.dev')).toBeNull()
})
