import { expect, test } from 'vitest'
import { domainOf } from './domain.ts'

test.each([
  ['app.example.com', 'app.example.com'],
  ['App.Example.COM.', 'app.example.com'],
  ['bücher.example.com', 'xn--bcher-kva.example.com'],
])('%s is %s in the DNS', (given, expected) => {
  expect(domainOf(given)).toBe(expected)
})

test.each(['https://example.com', 'localhost', '203.0.113.1', '*.example.com', 'a..b', '', '-a.com'])(
  '%s is none',
  given => {
    expect(() => domainOf(given)).toThrow(expect.objectContaining({ code: 'usage' }))
  },
)
