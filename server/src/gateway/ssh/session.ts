// One person's connection, from the handshake to its end.

import type { Socket } from 'node:net'
import type { SshEntry } from '@spoq/contracts/gateway'
import { machineName } from '@spoq/contracts/machine'
import { type ErrorCode, SpoqError } from '@spoq/contracts/problem'
import {
  admitPerson,
  certify,
  type Door,
  disconnectReason,
  Ended,
  enterMachine,
  type HostKey,
  type Person,
  PersonRefused,
  relay,
  type Slabs,
  type SshLibrary,
} from '@spoq/kit/ssh-relay'
import type { Hub } from '@spoq/kit/tunnel'
import { type Log, textOf } from '../../log.ts'
import type { Asked, Knock, SshBackend, Wish } from './backend.ts'
import { dialSsh } from './dial.ts'
import type { FailureCount } from './failures.ts'
import type { SshKeys } from './keys.ts'

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

/** Those who wait to be let in by words, which takes long. */
export interface Questions {
  /** Answers what to call at its end; null: there are as many as may be. */
  begin(): (() => void) | null
}

/** What a person may have open at a time. */
const channels = 256
/** A certificate is asked for once, at once; clocks may differ by a minute. */
const certificateMs = 120_000
const marginMs = 60_000

/** Serves one connection to its end. It throws nothing: whatever goes wrong ends that connection alone. */
export async function serveSession(ports: SessionPorts, socket: Socket): Promise<void> {
  const { library, slabs, hostKey, failures, log } = ports
  const address = socket.remoteAddress ?? ''
  try {
    const door: Door<Entered> = {
      byKey: (user, { blob }) => byKey(ports, { ...wishOf(user), address, key: blob.toString('base64') }),
      byQuestion: (user, show) => byQuestion(ports, { ...wishOf(user), address }, show),
      failed: () => failures.failed(address),
    }
    const person = await admitPerson<Entered>({ library, slabs, socket, hostKey, door })
    if ('refusal' in person.who) return refuse(person, person.who.refusal)
    await lead(ports, person, person.who)
  } catch (error) {
    log('debug', 'ssh.refused', { address, error: textOf(error) })
    socket.destroy()
  }
}

type Entered = SshEntry | { refusal: string }

/** `alice`, or `alice+work` for a profile. What cannot be a name is asked about all the same, by one that nobody has. */
function wishOf(user: string): { name: string; profile: string } {
  const [, text = '', profile = ''] = /^([^+]*)(?:\+(.{0,64}))?$/s.exec(user) ?? []
  const named = machineName.safeParse(text)
  return { name: named.success ? named.data : 'gateway', profile }
}

const byKey = ({ backend }: SessionPorts, knock: Knock): Promise<Entered | null> =>
  backend.enter(knock).catch(error => refusalOf(error, 'not_found'))

/** Null for who may not, by this code; else why it cannot be. */
function refusalOf(error: unknown, nobody: ErrorCode): Entered | null {
  if (error instanceof SpoqError && error.code === nobody) return null
  if (error instanceof SpoqError && error.code !== 'internal') return { refusal: `${error.message} ${error.next}` }
  return { refusal: 'The gateway cannot ask who you are just now. Try again in a minute.' }
}

/** Who presses Enter more often before the owner said yes is not waited for: a client without a terminal does so at once. */
const mostEnters = 10

/** Shows an address and three words, and lets in whom the owner of the machine let in there. */
async function byQuestion(
  { backend, questions }: SessionPorts,
  wish: Wish,
  show: (text: string) => Promise<void>,
): Promise<Entered | null> {
  const done = questions.begin()
  if (!done) return { refusal: 'Too many people wait to be let in. Try again in a minute, or come with a key.' }
  let asked: Asked | null = null
  try {
    asked = await backend.ask(wish)
    let text = questionText(asked)
    for (let enters = 0; enters < mostEnters; enters++) {
      await show(text)
      const entry = await backend.enterByAnswer(asked.question)
      if (entry) return entry
      text = 'Nobody said yes yet.'
    }
    return null
  } catch (error) {
    if (error instanceof Ended || error instanceof PersonRefused) throw error
    return refusalOf(error, 'code_expired')
  } finally {
    done()
    // Nobody is let in by words that nobody waits with; of a session that began it changes nothing.
    if (asked) await backend.drop(asked.question).catch(() => {})
  }
}

/** For a screen of 40 columns. */
const questionText = ({ page, words, seconds }: Asked) =>
  `To sign in without a key, open this page
in a browser where you are signed in:

${page}

and type in these three words:

${words}

They are good for ${Math.round(seconds / 60)} minutes.`

function refuse({ end, tell }: Person<unknown>, text: string): void {
  tell(text)
  end.transport.end(disconnectReason.byApplication, text)
}

async function lead(ports: SessionPorts, person: Person<Entered>, entry: SshEntry): Promise<void> {
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
