// The machine's side of a sync. It may be hostile: what it says is held against what was asked.

import { Readable } from 'node:stream'
import { download } from '@spoq/client/bytes'
import type { Target } from '@spoq/client/target'
import { SpoqError } from '@spoq/contracts/problem'
import { syncFolder } from '@spoq/contracts/sync'
import {
  frame,
  frames,
  type Manifest,
  type Message,
  type MessageOf,
  manifestTaker,
  messageIn,
  type Named,
  PeerRefused,
} from '@spoq/kit/sync'

export interface There {
  id: string
  /** Null: what was known is what is there. */
  manifest: Manifest | null
  /** What stays there by its rules, folders with a slash at their end. */
  left: string[]
  refused: Named[]
}

/** Asks what the folder holds. @throws SpoqError, `sync_refused` for an answer that no honest machine gives. */
export async function lookThere(
  target: Target,
  folder: string,
  asked: Omit<MessageOf<'look'>, 'type'>,
  signal: AbortSignal,
): Promise<There> {
  const there = { id: '', left: [] as string[], refused: [] as Named[] }
  const taker = manifestTaker()
  let isSame = false
  const body = frame({ type: 'look', ...asked })
  await hear(download(target, syncFolder, { query: { folder }, bytes: body, signal }), said => {
    if (said.type === 'folder' && there.id === '') there.id = said.id
    else if (said.type === 'same' && asked.know !== null) isSame = true
    else if (said.type === 'entries' && said.entries.length > 0) said.entries.forEach(taker.take)
    else if (said.type === 'left') takeLeft(there, said)
    else return false
    return true
  })
  if (isSame && taker.entries.size > 0) throw refused(new PeerRefused('it says two things at once'))
  return { ...there, manifest: isSame ? null : taker.entries }
}

const mostLeft = 1_000_000

function takeLeft(there: { left: string[]; refused: Named[] }, said: MessageOf<'left'>): void {
  there.left.push(...said.left)
  there.refused.push(...said.refused)
  if (said.left.length + said.refused.length === 0 || there.left.length + there.refused.length > mostLeft)
    throw new PeerRefused('it names too much that stays there')
}

/** Sends frames, and hands on what comes back. @throws SpoqError as `lookThere` does. */
export async function tellThere(
  target: Target,
  folder: string,
  body: AsyncIterable<Buffer>,
  take: (said: Message, body: Buffer) => Promise<boolean> | boolean,
  signal: AbortSignal,
): Promise<void> {
  const bytes = await gathered(body)
  await hear(download(target, syncFolder, { query: { folder }, bytes, signal }), take)
}

/** What is small goes as one piece, which can be sent again. */
const small = 4 << 20

async function gathered(body: AsyncIterable<Buffer>): Promise<Buffer | Readable> {
  const iterator = body[Symbol.asyncIterator]()
  const first: Buffer[] = []
  let bytes = 0
  while (bytes < small) {
    const next = await iterator.next()
    if (next.done) return Buffer.concat(first)
    first.push(next.value)
    bytes += next.value.length
  }
  return Readable.from(
    (async function* () {
      yield* first
      yield* { [Symbol.asyncIterator]: () => iterator }
    })(),
    { objectMode: false },
  )
}

type Take = (said: Message, body: Buffer) => Promise<boolean> | boolean

/** Hands on each message up to the end. `take` says whether it belongs there. */
async function hear(answer: AsyncIterable<Uint8Array>, take: Take): Promise<void> {
  try {
    for await (const { head, body } of frames(answer, patienceMs)) {
      const said = messageIn(head)
      if (said.type === 'end') return
      if (!(await take(said, body))) throw new PeerRefused(`it says "${said.type}" where it does not belong`)
    }
    throw new PeerRefused('its answer breaks off')
  } catch (error) {
    throw refused(error)
  }
}

/** The machine reads all of a large folder before it answers. */
const patienceMs = 30 * 60_000

const refused = (error: unknown) =>
  error instanceof PeerRefused
    ? new SpoqError('sync_refused', {
        cause: error,
        message: `What the machine sent is refused: ${error.message}. Nothing outside of the folder was touched.`,
      })
    : error
