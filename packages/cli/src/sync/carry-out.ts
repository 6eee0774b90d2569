// Carries out a plan: what this computer does, what it sends, what it takes.

import type { Target } from '@spoq/client/target'
import {
  diskFull,
  type FileEntry,
  type Message,
  type Named,
  PeerRefused,
  type Place,
  parts,
  type Receiver,
} from '@spoq/kit/sync'
import { tellThere } from './machine.ts'
import { hasContent, outgoing, requestBytes } from './outgoing.ts'
import type { Planned } from './plan.ts'

export interface Carrying {
  target: Target
  folder: string
  place: Place
  receiver: Receiver
  include: string[]
  /** Take from the machine, and change nothing there. */
  pull: boolean
  /** Told of bytes that went over. */
  onBytes: (bytes: number) => void
  signal: AbortSignal
  /** How much one request holds at most. */
  requestBytes?: number
}

/** What was not done, on which side. */
export interface Undone {
  here: Named[]
  there: Named[]
}

/** @throws SpoqError; what was done until then is whole, and the next sync goes on. */
export async function carryOut(
  carrying: Carrying,
  plan: Pick<Planned, 'here' | 'there' | 'conflicts'>,
): Promise<Undone> {
  const { target, folder, place, receiver, include, pull, onBytes, signal } = carrying
  const there: Named[] = []
  const actions = pull ? [] : plan.there
  const { wanted, nameHere } = wantedOf(plan, pull)
  const sending = outgoing(place, actions, wanted, {
    include,
    onBytes,
    requestBytes: carrying.requestBytes ?? requestBytes,
    hasFailed: path => there.some(one => one.path === path),
  })
  const take = async (said: Message, body: Buffer) => {
    if (said.type === 'failed') {
      there.push(...said.failed)
      if (said.failed.length === 0 || there.length > actions.length)
        throw new PeerRefused('it tells of more than it was asked')
    } else if (said.type === 'pack') {
      onBytes(body.length)
      await receiver.take(
        said.pieces.map(piece => ({ ...piece, path: nameHere(piece.path) })),
        body,
      )
    } else return false
    return true
  }
  try {
    for (const some of parts(plan.here)) await receiver.act(some)
    while (!sending.isDone() && !there.some(({ why }) => why === diskFull)) {
      signal.throwIfAborted()
      await tellThere(target, folder, sending.request(), take, signal)
    }
    return { here: await receiver.finish(), there }
  } catch (error) {
    await receiver.giveUp()
    throw error
  } finally {
    await sending.end()
  }
}

/**
 * The files that the machine has to send. When nothing is changed there, what a conflict keeps under another name still has
 * its old one there.
 */
function wantedOf(
  plan: Pick<Planned, 'here' | 'conflicts'>,
  pull: boolean,
): { wanted: FileEntry[]; nameHere: (path: string) => string } {
  const moved = new Map(
    plan.conflicts.flatMap(({ path, kept, side }) => (pull && side === 'there' ? [[kept, path]] : [])),
  )
  const back = new Map([...moved].map(([kept, path]) => [path, kept]))
  const wanted = plan.here
    .filter(hasContent)
    .map(({ entry }) => ({ ...entry, path: moved.get(entry.path) ?? entry.path }))
  return { wanted, nameHere: path => back.get(path) ?? path }
}
