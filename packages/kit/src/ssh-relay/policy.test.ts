import { expect, test } from 'vitest'
import { message } from './message.ts'
import { judge, type Policy } from './policy.ts'
import { packet, type Reader, reader, string, uint32 } from './wire.ts'

const closed: Policy = { mayForward: false, mayForwardAgent: false, mayTty: false, channels: 2 }
const open: Policy = { mayForward: true, mayForwardAgent: true, mayTty: true, channels: 2 }

const opening = (type: string, channel = 0) =>
  packet(message.channelOpen, string(type), uint32(channel), uint32(1), uint32(1))
const asking = (name: string, wantsReply = 1) => packet(message.globalRequest, string(name), wantsReply)
const onChannel = (type: string) => packet(message.channelRequest, uint32(0), string(type), 1)

/** Of a refusal: the channel that it is about, and its reason. */
function refusal(verdict: unknown): { channel: number; reason: number } {
  const read = reader((verdict as { answer: Buffer }).answer)
  expect(read.byte()).toBe(message.channelOpenFailure)
  return { channel: read.uint32(), reason: read.uint32() }
}

test.each(['direct-tcpip', 'direct-streamlocal@openssh.com'])('%s is opened where it may be', type => {
  expect(judge(open).ofPerson(opening(type))).toBe('cross')
  expect(refusal(judge(closed).ofPerson(opening(type, 9)))).toEqual({ channel: 9, reason: 1 })
})

test.each(['tun@openssh.com', 'x11', 'forwarded-tcpip', 'auth-agent@openssh.com'])('a person opens no %s', type => {
  expect(refusal(judge(open).ofPerson(opening(type, 3)))).toEqual({ channel: 3, reason: 1 })
})

test.each(['session', 'direct-tcpip', 'tun@openssh.com'])('a machine opens no %s', type => {
  expect(refusal(judge(open).ofMachine(opening(type, 3)))).toEqual({ channel: 3, reason: 1 })
})

test.each(['forwarded-tcpip', 'forwarded-streamlocal@openssh.com', 'auth-agent@openssh.com', 'x11'])(
  'a machine opens %s where it may',
  type => {
    expect(judge(open).ofMachine(opening(type))).toBe('cross')
    expect(refusal(judge(closed).ofMachine(opening(type)))).toEqual({ channel: 0, reason: 1 })
  },
)

test.each(['tcpip-forward', 'streamlocal-forward@openssh.com'])(
  '%s that may not be is asked as what nobody knows',
  name => {
    expect(judge(open).ofPerson(asking(name))).toBe('cross')
    const { instead } = judge(closed).ofPerson(asking(name)) as { instead: Buffer }
    const read = reader(instead)
    expect([read.byte(), read.text(), read.boolean()]).toEqual([message.globalRequest, 'not-allowed@spoq', true])
  },
)

test('the agent is asked for where it may be', () => {
  expect(judge(open).ofPerson(onChannel('auth-agent-req@openssh.com'))).toBe('cross')
  expect(judge(closed).ofPerson(onChannel('auth-agent-req@openssh.com'))).toHaveProperty('instead')
  for (const type of ['shell', 'exec']) expect(judge(closed).ofPerson(onChannel(type))).toBe('cross')
})

test('who asks for a terminal and may have none is told why; commands and files go on', () => {
  expect(judge(open).ofPerson(onChannel('pty-req'))).toBe('cross')
  const judged = judge(closed)
  const sent = (verdict: unknown) => {
    const read = reader((verdict as { instead: Buffer }).instead, 5)
    return [read.text(), read.boolean(), read]
  }
  for (const type of ['shell', 'exec']) {
    expect(sent(judged.ofPerson(onChannel('pty-req')))).toEqual(['window-change', true, expect.anything()])
    const [name, wantsReply, read] = sent(judged.ofPerson(onChannel(type))) as [string, boolean, Reader]
    expect([name, wantsReply, read.text()]).toEqual(['exec', true, expect.stringContaining('No terminal')])
    expect(judged.ofPerson(onChannel(type))).toBe('cross')
  }
  judged.ofPerson(onChannel('pty-req'))
  judged.ofPerson(packet(message.channelClose, uint32(0)))
  expect(judged.ofPerson(onChannel('shell'))).toBe('cross')
})

test('the machine’s host keys are not told', () => {
  expect(judge(open).ofMachine(asking('hostkeys-00@openssh.com', 0))).toBe('drop')
  expect(judge(open).ofPerson(asking('hostkeys-prove-00@openssh.com'))).toHaveProperty('instead')
})

test('as many channels as may be, and others once one is closed or was refused', () => {
  const judged = judge(open)
  expect([0, 1].map(channel => judged.ofPerson(opening('session', channel)))).toEqual(['cross', 'cross'])
  expect(refusal(judged.ofPerson(opening('session', 2)))).toEqual({ channel: 2, reason: 4 })
  judged.ofMachine(packet(message.channelClose, uint32(0)))
  expect(judged.ofPerson(opening('session', 2))).toBe('cross')
  judged.ofMachine(packet(message.channelOpenFailure, uint32(1), uint32(1), string(''), string('')))
  expect(judged.ofPerson(opening('session', 3))).toBe('cross')
  expect(judged.channels()).toBe(2)
})
