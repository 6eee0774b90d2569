// Two ends that are both let in become one connection: packets cross one to one, each way as fast as its reader reads.

import type { End } from './ends.ts'
import { disconnectReason, isRelayed, message } from './message.ts'
import { type Judge, judge, type Policy } from './policy.ts'
import type { Transport } from './transport.ts'
import { Malformed } from './wire.ts'

export interface Relayed {
  /** Bytes of packets that came from each. */
  bytes: { person: number; machine: number }
  /** What the person opened: `shell`, `exec`, names of subsystems, `forward`. */
  kinds: Set<string>
}

const mostKinds = 16

/** Of what one end has not taken yet, before the other is read no more. */
const mostWaiting = 1 << 20
/** An end that opens and does not read has answers of ours beside that; then it is not read either. */
const mostAnswers = mostWaiting + (512 << 10)
/** An end that is asked for new keys may send on until it heard of it. */
const mostMeanwhile = 16 << 20

/** Relays until either ends; then the other is told why and ends too. */
export async function relay(person: End, machine: End, policy: Policy, relayed: Relayed): Promise<string> {
  const judged: Judge = judge(policy, kind => relayed.kinds.size < mostKinds && relayed.kinds.add(kind))
  const [to, from] = [machine.transport, person.transport]

  function balance(): void {
    from.setReading(mayRead(from, to))
    to.setReading(mayRead(to, from))
  }
  const pass = (judgement: (payload: Buffer) => ReturnType<Judge['ofPerson']>, here: Transport, there: Transport) => {
    return (payload: Buffer): void => {
      const verdict = judgement(payload)
      if (verdict === 'cross') there.send(payload)
      else if (verdict !== 'drop' && 'instead' in verdict) there.send(verdict.instead)
      else if (verdict !== 'drop') here.send(verdict.answer)
    }
  }
  const pairs = [
    { end: person, pass: pass(judged.ofPerson, from, to), count: (bytes: number) => (relayed.bytes.person += bytes) },
    {
      end: machine,
      pass: pass(judged.ofMachine, to, from),
      count: (bytes: number) => (relayed.bytes.machine += bytes),
    },
  ]
  for (const { end, pass, count } of pairs) {
    end.take(payload => {
      const type = payload[0] ?? 0
      // What is left over of signing in is not heard, as RFC 4252 says.
      if (!isRelayed(type)) return type >= message.globalRequest ? unexpected(end.transport, type) : undefined
      count(payload.length)
      try {
        pass(payload)
      } catch (error) {
        if (!(error instanceof Malformed)) throw error
        end.transport.end(disconnectReason.protocolError, error.message)
      }
      balance()
    }, balance)
  }
  balance()
  const why = await Promise.race([
    from.closed.then(text => ({ of: from, text })),
    to.closed.then(text => ({ of: to, text })),
  ])
  const other = why.of === from ? to : from
  other.end(disconnectReason.byApplication, why.text)
  await other.closed
  return why.text
}

const unexpected = (transport: Transport, type: number) =>
  transport.end(disconnectReason.protocolError, `A packet of the type ${type} is not expected.`)

/**
 * Whether an end is read: not while the other has too much before it, and not while the other changes its keys, unless both do
 * (each then waits for packets of its own exchange).
 */
function mayRead(one: Transport, other: Transport): boolean {
  if (one.isExchanging()) return one.waiting() < mostAnswers && other.waiting() < mostMeanwhile
  return !other.isExchanging() && other.waiting() < mostWaiting && one.waiting() < mostAnswers
}
