import { expect, test } from 'vitest'
import { failureOf } from './failure.ts'

// As OpenSSH 9.2 and 10 write it.
test.each([
  ['otter@spoq.test: Permission denied (publickey).', 'ssh_refused'],
  ['Received disconnect from 203.0.113.7 port 22:2: Too many authentication failures', 'ssh_refused'],
  ['Received disconnect from 203.0.113.7 port 22:11: You may no longer be here.', 'ssh_refused'],
  [
    'No ED25519 host key is known for spoq-gateway and you have requested strict checking.\r\nHost key verification failed.',
    'ssh_host_key',
  ],
  ['ssh: connect to host spoq.test port 22: Connection refused', 'ssh_unreachable'],
  ['ssh: Could not resolve hostname spoq.test: Name or service not known', 'ssh_unreachable'],
  ['kex_exchange_identification: Connection closed by remote host', 'ssh_unreachable'],
  ['Timeout, server spoq.test not responding.', 'ssh_unreachable'],
  ['bind [127.0.0.1]:3000: Address already in use\nCould not request local forwarding.', 'port_taken'],
  ['command-line: line 0: Bad configuration option: nonsense', 'ssh_failed'],
])('%j is %s', (said, code) => {
  expect(failureOf(said, 'otter')?.code).toBe(code)
})

test('what the gateway says of a machine is said as it is, with what starts it', () => {
  const said =
    'Received disconnect from ::1 port 22:11: otter does not run: it is stopped. \r\nDisconnected from ::1 port 22'
  expect(failureOf(said, 'otter')).toMatchObject({
    code: 'machine_unreachable',
    message: 'otter does not run: it is stopped.',
    next: expect.stringContaining('spoq machine start otter'),
  })
})

test('a command that ends with 255 by itself is no failure of SSH', () => {
  expect(failureOf('', 'otter')).toBeNull()
  expect(failureOf('debug1: Exit status 255\n', 'otter')).toBeNull()
})
