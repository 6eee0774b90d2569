import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { isPublic } from './is-public.ts'
import { publicFetch, type Resolve } from './public-fetch.ts'

test.each([
  ...['127.0.0.1', '10.1.2.3', '172.31.255.255', '192.168.0.1', '169.254.169.254', '100.100.100.200', '0.0.0.0'],
  ...['224.0.0.1', '255.255.255.255', '::', '::1', 'fe80::1', 'fd00:ec2::254', 'ff02::1', '::ffff:10.0.0.1'],
  ...['::ffff:8.8.8.8', '64:ff9b::7f00:1', '2002:7f00:1::', '2001:0:7f00:1::', '', 'localhost', '1.1.1'],
])('%s is not public', address => expect(isPublic(address)).toBe(false))

test.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450:4001:82b::200e'])(
  '%s is public',
  address => expect(isPublic(address)).toBe(true),
)

/** Where nothing of it may arrive; names resolve to what is given. */
async function trap() {
  let reached = 0
  const server = createServer((_, response) => response.end(String(++reached)))
  server.on('connection', () => reached++)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { port: (server.address() as AddressInfo).port, reached: () => reached }
}
const causes = (error: unknown): string[] => (error instanceof Error ? [error.name, ...causes(error.cause)] : [])
const resolvesTo =
  (...addresses: string[]): Resolve =>
  (_, __, found) =>
    found(
      null,
      addresses.map(address => ({ address, family: address.includes(':') ? 6 : 4 })),
    )

// Mutants: judge the name and not what it resolves to; look at the first address alone; take the URL's own word for an IP.
test('an address inside is not connected to, however it is written', async () => {
  const { port, reached } = await trap()
  const hosts = ['127.0.0.1', '[::1]', '2130706433', '0x7f.1', '127.1', '[::ffff:127.0.0.1]', '0']
  for (const host of hosts) {
    const failed = await publicFetch()(`https://${host}:${port}/v1/models`).catch(error => error)
    expect(causes(failed), host).toContain('NotPublic')
  }
  for (const found of [['127.0.0.1'], ['::1'], ['8.8.8.8', '10.0.0.1']]) {
    const failed = await publicFetch(resolvesTo(...found))(`https://models.example:${port}/`).catch(error => error)
    expect(causes(failed), String(found)).toContain('NotPublic')
  }
  const plain = await publicFetch(resolvesTo('127.0.0.1'))(`http://models.example:${port}/`).catch(error => error)
  expect(causes(plain)).toContain('NotPublic')
  expect(reached()).toBe(0)
})
