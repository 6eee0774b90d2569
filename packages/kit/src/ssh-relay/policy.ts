// What of the connection protocol crosses, and what is answered here. It looks at the few packets that open something, and
// keeps count of channels; all else crosses as it is.

import { message, openFailure } from './message.ts'
import { packet, reader, string, uint32 } from './wire.ts'

export interface Policy {
  /** Ports and sockets: -L, -R, -D. */
  mayForward: boolean
  /** The agent: -A. */
  mayForwardAgent: boolean
  /** Terminals: -t, and a shell that is written to. */
  mayTty: boolean
  /** Channels at a time that the person opened. */
  channels: number
}

/** What becomes of a packet: it crosses, another crosses in its place, or its sender has an answer. */
export type Verdict = 'cross' | 'drop' | { instead: Buffer } | { answer: Buffer }

export interface Judge {
  ofPerson(payload: Buffer): Verdict
  ofMachine(payload: Buffer): Verdict
  /** Channels that the person has open. */
  channels(): number
}

const ports = new Set(['direct-tcpip', 'direct-streamlocal@openssh.com', 'tun@openssh.com'])
const listening = new Set([
  'tcpip-forward',
  'cancel-tcpip-forward',
  'streamlocal-forward@openssh.com',
  'cancel-streamlocal-forward@openssh.com',
])
const fromMachine = new Set(['forwarded-tcpip', 'forwarded-streamlocal@openssh.com'])
/** The machine's keys are the gateway's to know: whoever is connected knows the gateway's. */
const aboutKeys = /^hostkeys-(?:00|prove-00)@openssh\.com$/
/**
 * In the place of what is not allowed: sshd refuses what it does not know. So answers, which have no number, keep their order.
 */
const unknown = 'not-allowed@spoq'

/** What runs in the place of what should have a terminal: SSH has no words by which a client would show why there is none. */
const noTerminal = "echo 'No terminal for this profile: its owner can allow it. Commands and files work.'; exit 1"

/** Judges one connection. @param opened told what kinds of things were */
export function judge(policy: Policy, opened: (kind: string) => void = () => {}): Judge {
  const open = new Set<number>()
  /** By the machine's numbers: channels that asked for a terminal and have none. */
  const plain = new Set<number>()

  /** Data, windows and their ends are most of all packets, and judged at once. */
  const isWorthALook = (type = 0) => !(type > message.channelOpenFailure && type < message.channelClose)

  function isAllowed(request: string): boolean {
    if (request === 'auth-agent-req@openssh.com') return policy.mayForwardAgent
    return request === 'pty-req' ? policy.mayTty : request !== 'x11-req' || policy.mayForward
  }

  function ofPerson(payload: Buffer): Verdict {
    if (!isWorthALook(payload[0])) return 'cross'
    const read = reader(payload, 1)
    switch (payload[0]) {
      case message.channelOpen: {
        const [type, channel] = [read.text(), read.uint32()]
        if (type !== 'session' && !ports.has(type)) return refuse(channel, `The gateway does not carry ${type}.`)
        if (ports.has(type) && (!policy.mayForward || type === 'tun@openssh.com'))
          return refuse(channel, 'Forwarding is off here: its owner can allow it for this profile.')
        if (open.size >= policy.channels)
          return refuse(channel, `There are ${open.size} channels open, which is as many as may be.`, true)
        open.add(channel)
        if (ports.has(type)) opened('forward')
        return 'cross'
      }
      case message.globalRequest: {
        const [name, wantsReply] = [read.text(), read.boolean()]
        if (!aboutKeys.test(name) && (policy.mayForward || !listening.has(name))) return 'cross'
        return { instead: packet(message.globalRequest, string(unknown), wantsReply ? 1 : 0) }
      }
      case message.channelRequest: {
        const [channel, type, wantsReply] = [read.uint32(), read.text(), read.boolean()]
        const inPlace = (name: string, ...more: Buffer[]) => ({
          instead: packet(message.channelRequest, uint32(channel), string(name), wantsReply ? 1 : 0, ...more),
        })
        if (type === 'pty-req' && !policy.mayTty && plain.size < policy.channels) {
          plain.add(channel)
          // sshd says yes to that, also without a terminal.
          return inPlace('window-change', ...[80, 24, 0, 0].map(uint32))
        }
        if ((type === 'shell' || type === 'exec') && plain.delete(channel)) return inPlace('exec', string(noTerminal))
        if (type === 'shell' || type === 'exec') opened(type)
        if (type === 'subsystem') opened(read.text().slice(0, 32))
        if (isAllowed(type)) return 'cross'
        return inPlace(unknown)
      }
      case message.channelClose:
        plain.delete(read.uint32())
        return 'cross'
      default:
        return 'cross'
    }
  }

  function ofMachine(payload: Buffer): Verdict {
    if (!isWorthALook(payload[0])) return 'cross'
    const read = reader(payload, 1)
    switch (payload[0]) {
      case message.channelOpen: {
        const [type, channel] = [read.text(), read.uint32()]
        const isAllowed =
          type === 'auth-agent@openssh.com'
            ? policy.mayForwardAgent
            : policy.mayForward && (fromMachine.has(type) || type === 'x11')
        return isAllowed ? 'cross' : refuse(channel, 'Forwarding is off here.')
      }
      case message.globalRequest: {
        const [name, wantsReply] = [read.text(), read.boolean()]
        if (!aboutKeys.test(name)) return 'cross'
        return wantsReply ? { answer: packet(message.requestFailure) } : 'drop'
      }
      // Both name the person's own number.
      case message.channelClose:
      case message.channelOpenFailure:
        open.delete(read.uint32())
        return 'cross'
      default:
        return 'cross'
    }
  }
  return { ofPerson, ofMachine, channels: () => open.size }
}

function refuse(channel: number, text: string, isFull = false): Verdict {
  const reason = isFull ? openFailure.resourceShortage : openFailure.prohibited
  return { answer: packet(message.channelOpenFailure, uint32(channel), uint32(reason), string(text), string('')) }
}
