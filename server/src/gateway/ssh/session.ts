// One person's connection, from the handshake to its end.

import type { Socket } from 'node:net'
import type { SshEntry } from '@spoq/contracts/gateway'
import { machineName } from '@spoq/contracts/machine'
import {
  admitPerson,
  certify,
  type Door,
  disconnectReason,
  enterMachine,
  type HostKey,
  type Person,
  relay,
  type Slabs,
  type SshLibrary,
} from '@spoq/kit/ssh-relay'
import type { Hub } from '@spoq/kit/tunnel'
import { type Log, textOf } from '../../log.ts'
import type { Knock, SshBackend } from './backend.ts'
import { dialSsh } from './dial.ts'
import { type Asking, type Entered, refusalOf } from './entered.ts'
import type { FailureCount } from './failures.ts'
import type { SshKeys } from './keys.ts'
import { byQuestion, type Questions } from './question.ts'
import { type Coming, untilThere } from './until-there.ts'

export interface SessionPorts {
  library: SshLibrary
  slabs: Slabs
  keys: SshKeys
  hostKey: HostKey
  hub: Pick<Hub, 'open'>
  backend: SshBackend
  failures: FailureCount
  questions: Questions
  /** Told of each that is let in, with how to end it; answers what to call at its end. */
  began: (session: string, cut: (why: string) => void) => () => void
  now: () => number
  log: Log
}

/** What a person may have open at a time. */
const channels = 256
/** A certificate is asked for once, at once; clocks may differ by a minute. */
const certificateMs = 120_000
const marginMs = 60_000

/** Serves one connection to its end. It throws nothing: whatever goes wrong ends that connection alone. */
export async function serveSession(ports: SessionPorts, socket: Socket): Promise<void> {
  try {
    const { person, who } = await admitted(ports, socket, socket.remoteAddress ?? '')
    if ('refusal' in who) return refuse(person, who.refusal)
    await lead(ports, person, who)
  } catch (error) {
    ports.log('debug', 'ssh.refused', { address: socket.remoteAddress ?? '', error: textOf(error) })
    socket.destroy()
  }
}

/** Somebody who is let in, once their machine is there, or told why not. @throws PersonRefused, Ended */
async function admitted(ports: SessionPorts, socket: Socket, address: string) {
  const { library, slabs, hostKey, failures } = ports
  const asking: Asking = { again: async () => null, over: async () => {} }
  const door: Door<Entered | Coming> = {
    byKey: (user, { blob }) => byKey(ports, { ...wishOf(user), address, key: blob.toString('base64') }, asking),
    byQuestion: (user, show) => byQuestion(ports, { ...wishOf(user), address }, show, asking),
    failed: () => failures.failed(address),
  }
  try {
    const person = await admitPerson<Entered | Coming>({ library, slabs, socket, hostKey, door })
    const who = await untilThere<Entered>(person.who, {
      again: async () => (await asking.again()) ?? { refusal: 'You may no longer be here.' },
      tell: person.tell,
      isGone: () => socket.destroyed,
    })
    return { person, who }
  } finally {
    await asking.over()
  }
}

/** `alice`, or `alice+work` for a profile. What cannot be a name is asked about all the same, by one that nobody has. */
function wishOf(user: string): { name: string; profile: string } {
  const [, text = '', profile = ''] = /^([^+]*)(?:\+(.{0,64}))?$/s.exec(user) ?? []
  const named = machineName.safeParse(text)
  return { name: named.success ? named.data : 'gateway', profile }
}

function byKey({ backend }: SessionPorts, knock: Knock, asking: Asking): ReturnType<Asking['again']> {
  asking.again = () => backend.enter(knock).catch(error => refusalOf(error, 'not_found'))
  return asking.again()
}

function refuse({ end, tell }: Person<unknown>, text: string): void {
  tell(text)
  end.transport.end(disconnectReason.byApplication, text)
}

async function lead(ports: SessionPorts, person: Person<unknown>, entry: SshEntry): Promise<void> {
  const { library, slabs, keys, hub, backend, now, log } = ports
  const { session, account, credential: by, machine, user, mayForward, mayTty } = entry
  const relayed = { bytes: { person: 0, machine: 0 }, kinds: new Set<string>() }
  let why = 'it did not begin'
  const over = ports.began(session, reason => person.end.transport.end(disconnectReason.byApplication, reason))
  try {
    const credential = certify(keys.authority, {
      ...{ principal: machine, keyId: `${account}/${by}/${session}`, sourceAddress: null },
      ...{ from: now() - marginMs, until: now() + certificateMs, mayForward, mayForwardAgent: mayForward, mayTty },
    })
    const upstream = await dialSsh(hub, machine, entry.way)
    const hostKey = Buffer.from(entry.hostKey.split(' ')[1] ?? '', 'base64')
    const there = await enterMachine({ library, slabs, socket: upstream, hostKey, user, credential })
    person.welcome()
    why = await relay(person.end, there, { mayForward, mayForwardAgent: mayForward, mayTty, channels }, relayed)
  } catch (error) {
    why = (error as Error).message
    refuse(person, why)
  } finally {
    over()
    const { bytes, kinds } = relayed
    const was = { reason: why.slice(0, 200), kinds: [...kinds], bytesIn: bytes.person, bytesOut: bytes.machine }
    await backend.end(session, was).catch(error => log('warn', 'ssh.end-not-told', { session, error: textOf(error) }))
  }
}
