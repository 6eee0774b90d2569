import { expect, test } from 'vitest'
import { readForwarding } from './forward.ts'

test.each([
  ['3000', { port: 3000, host: 'localhost', hostPort: 3000 }],
  ['8080:3000', { port: 8080, host: 'localhost', hostPort: 3000 }],
  ['3000:db.internal:5432', { port: 3000, host: 'db.internal', hostPort: 5432 }],
  ['3000:[::1]:80', { port: 3000, host: '[::1]', hostPort: 80 }],
])('%s', (text, forwarding) => {
  expect(readForwarding(text)).toEqual(forwarding)
})

test.each(['', '0', '65536', 'x', '3000:', '3000:db:', '3000:db:x', '1:2:3:4', '3000:-oX:80', '3000:a b:80', ' 3000'])(
  '%j is no port',
  text => {
    expect(() => readForwarding(text)).toThrow(expect.objectContaining({ code: 'usage' }))
  },
)
