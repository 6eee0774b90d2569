// The way in to the gateway (RFC 4252): by a public key, or by a question that is answered elsewhere; never by a password.
// What is asked about any name takes the same path and the same time, whether or not there is such a name.

import type { Duplex } from 'node:stream'
import { type End, openEnd } from './ends.ts'
import type { Slabs } from './gather.ts'
import type { HostKey, SshLibrary } from './library.ts'
import { disconnectReason, message } from './message.ts'
import { readPublicKey } from './public-key.ts'
import type { TransportLimits } from './transport.ts'
import { Malformed, packet, type Reader, reader, string, uint32 } from './wire.ts'

export interface Person<Who> {
  end: End
  who: Who
  /** How they proved it. */
  by: 'key' | 'question'
  /** Says that they are in. */
  welcome(): void
  /** Says a line before they are, as a reason. */
  tell(text: string): void
}

export interface Door<Who> {
  /** Who it is whose key signed; null: nobody whom this name lets in. */
  byKey(user: string, key: { type: string; blob: Buffer }): Promise<Who | null>
  /**
   * Asks in words, if it does, and answers who it was in the end; null: nobody. It shows a text, and then waits for Enter: a
   * client without a terminal answers at once, again and again, so how often it is asked is counted there.
   */
  byQuestion?: (user: string, show: (text: string) => Promise<void>) => Promise<Who | null>
  /** A signature that was wrong, or nobody's; a question that nobody said yes to. */
  failed?: () => void
}

export interface PersonOptions<Who> {
  library: SshLibrary
  slabs: Slabs
  socket: Duplex
  hostKey: HostKey
  door: Door<Who>
  limits?: Partial<TransportLimits>
  patience?: Partial<Patience>
}

export interface Patience {
  /** How long somebody may take to get in, in ms, */
  ms: number
  /** and how long with a question that is answered elsewhere: longer than its words are good for. */
  questionMs: number
  /** Keys that may be shown or tried, and packets in all. */
  tries: number
  packets: number
}

export const usualPatience: Patience = { ms: 30_000, questionMs: 630_000, tries: 20, packets: 100 }

/** They did not get in; the message says why. */
export class PersonRefused extends Error {
  override readonly name = 'PersonRefused'
}

/** Settles once somebody has proved who they are. @throws PersonRefused, Ended */
export async function admitPerson<Who>(options: PersonOptions<Who>): Promise<Person<Who>> {
  const { library, slabs, socket, hostKey, door, limits = {} } = options
  const patience = { ...usualPatience, ...options.patience }
  const end = openEnd({ library, slabs, socket, side: { hostKey }, limits })
  const { transport } = end
  const refuse = (text: string, reason: number = disconnectReason.noMoreAuthMethods) => {
    transport.end(reason, text)
    return new PersonRefused(text)
  }
  let late = setTimeout(() => transport.end(disconnectReason.byApplication, 'Signing in took too long.'), patience.ms)
  let packets = 0
  const next = async () => {
    packets += 1
    if (packets > patience.packets) throw refuse('Too many packets before signing in.', disconnectReason.protocolError)
    return end.next()
  }

  try {
    await end.ready
    await askForService(end, next, refuse)
    let [name, tries] = ['', 0]
    for (;;) {
      const payload = await next()
      if (payload[0] !== message.userauthRequest) continue
      const { user, service, method, from } = requestOf(payload)
      if (service !== 'ssh-connection')
        throw refuse(`There is no ${service} here.`, disconnectReason.serviceNotAvailable)
      if (name && name !== user)
        throw refuse('The name may not change while signing in.', disconnectReason.protocolError)
      name = user
      tries += 1
      if (tries > patience.tries)
        throw refuse('Too many keys were tried. Name the right one with -i and IdentitiesOnly=yes.')
      const found = { end, welcome: () => transport.send(packet(message.userauthSuccess)), tell: teller(end) }
      if (method === 'publickey') {
        const who = await byKey(end, door, user, payload, from)
        if (who !== null) return { ...found, who, by: 'key' }
      } else if (method === 'keyboard-interactive' && door.byQuestion) {
        clearTimeout(late)
        late = setTimeout(
          () => transport.end(disconnectReason.byApplication, 'Nobody said yes in time.'),
          patience.questionMs,
        )
        const who = await Promise.race([door.byQuestion(user, shower(end, next)), gone(end)])
        if (who !== null) return { ...found, who, by: 'question' }
        door.failed?.()
        // A client would else ask for new words by itself, with nobody before it.
        throw refuse('Nobody let you in by the words. Connect again for new ones.')
      } else fail(end, door)
    }
  } catch (error) {
    if (error instanceof Malformed) throw refuse(error.message, disconnectReason.protocolError)
    throw error
  } finally {
    clearTimeout(late)
  }
}

async function askForService(
  end: End,
  next: () => Promise<Buffer>,
  refuse: (text: string, reason: number) => Error,
): Promise<void> {
  const payload = await next()
  const service = payload[0] === message.serviceRequest ? reader(payload, 1).text() : null
  if (service !== 'ssh-userauth') throw refuse('Sign in first.', disconnectReason.serviceNotAvailable)
  end.transport.send(packet(message.serviceAccept, string(service)))
}

interface Request {
  user: string
  service: string
  method: string
  /** Stands behind those. */
  from: Reader
}

function requestOf(payload: Buffer): Request {
  const from = reader(payload, 1)
  return { user: from.text(), service: from.text(), method: from.text(), from }
}

/** Which ways there are. */
function fail<Who>(end: End, door: Door<Who>): void {
  const methods = door.byQuestion ? 'publickey,keyboard-interactive' : 'publickey'
  end.transport.send(packet(message.userauthFailure, string(methods), 0))
}

/** Any well-formed key may sign: whose it is, is said to nobody but to who has it. */
async function byKey<Who>(end: End, door: Door<Who>, user: string, payload: Buffer, from: Reader): Promise<Who | null> {
  const [isSigned, name, blob] = [from.boolean(), from.text(), from.string()]
  const key = readPublicKey(blob)
  if (!isSigned) {
    if (key?.takes(name)) end.transport.send(packet(message.userauthPkOk, string(name), string(blob)))
    else fail(end, door)
    return null
  }
  const signed = Buffer.concat([string(end.transport.sessionId()), payload.subarray(0, from.at())])
  const isGood = key?.verifies(name, from.string(), signed) ?? false
  const who = key && isGood ? await end.during(door.byKey(user, { type: key.type, blob })) : null
  if (who === null) {
    door.failed?.()
    fail(end, door)
  }
  return who
}

/** Nobody waits for who went away. */
const gone = (end: End): Promise<never> =>
  end.transport.closed.then(why => {
    throw new PersonRefused(why)
  })

const teller = (end: End) => (text: string) =>
  end.transport.send(packet(message.userauthBanner, string(`${text}\r\n`), string('')))

/** Shows a text, and settles when it was seen: the client asks for Enter. */
const shower = (end: End, next: () => Promise<Buffer>) => async (text: string) => {
  const prompt = [string('Then press Enter: '), 1] as const
  end.transport.send(packet(message.userauthInfoRequest, string(''), string(text), string(''), uint32(1), ...prompt))
  // A new request would end this one, as RFC 4252 says; who sends it is not answered.
  for (;;) if ((await next())[0] === message.userauthInfoResponse) return
}
