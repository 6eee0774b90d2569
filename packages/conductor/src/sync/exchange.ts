// Does what the other side asks for, takes its files, and gives those that it wants.

import { SpoqError } from '@spoq/contracts/problem'
import {
  type Entry,
  type FileEntry,
  type Frame,
  frame,
  frameParts,
  type MessageOf,
  messageIn,
  type Named,
  PeerRefused,
  packs,
  parts,
  receiver,
  whyNoPath,
} from '@spoq/kit/sync'
import { cacheOf, close, type Kept } from './kept.ts'

/** Answers what was not done, and then the files. */
export async function exchange(
  kept: Kept,
  { include }: MessageOf<'exchange'>,
  coming: AsyncIterable<Frame>,
): Promise<AsyncIterable<Uint8Array>> {
  const open = await opened(kept, include)
  try {
    const wanted = await takeAll(open.receiver, coming)
    kept.isNews = true
    const failed = await open.receiver.finish(true)
    if (!open.receiver.isUnfinished()) await close(kept)
    return answer(kept, failed, wanted)
  } catch (error) {
    await close(kept)
    throw error
  }
}

async function opened(kept: Kept, include: string[]): Promise<NonNullable<Kept['open']>> {
  const said = JSON.stringify(include)
  if (kept.open?.include !== said) await close(kept)
  if (kept.open) return kept.open
  const place = await kept.place(true)
  if (!place) throw new SpoqError('sync_refused')
  kept.open = { place, receiver: receiver(place, { include, cache: cacheOf(kept) }), include: said }
  return kept.open
}

async function takeAll({ act, take }: ReturnType<typeof receiver>, coming: AsyncIterable<Frame>): Promise<FileEntry[]> {
  const wanted: FileEntry[] = []
  for await (const { head, body } of coming) {
    const said = messageIn(head)
    if (said.type === 'end') return wanted
    if (said.type === 'do') await act(said.actions)
    else if (said.type === 'pack') await take(said.pieces, body)
    else if (said.type === 'want') wanted.push(...said.files.map(fileToGive))
    else throw new PeerRefused(`it sends ${said.type} where it does not belong`)
  }
  throw new PeerRefused('it breaks off')
}

function fileToGive(one: Entry): FileEntry {
  const why = whyNoPath(one.path)
  if (why || one.kind !== 'file') throw new PeerRefused(`a path of it ${why ?? 'is no file'}`, one.path)
  return one
}

async function* answer(kept: Kept, failed: Named[], wanted: FileEntry[]): AsyncGenerator<Uint8Array> {
  for (const some of parts(failed)) yield frame({ type: 'failed', failed: some })
  if (wanted.length > 0) yield* give(kept, wanted)
  yield frame({ type: 'end' })
}

async function* give(kept: Kept, wanted: FileEntry[]): AsyncGenerator<Uint8Array> {
  const place = await kept.place(false)
  if (!place) return
  await using _ = place
  for await (const { pieces, body } of packs(place, wanted)) yield* frameParts({ type: 'pack', pieces }, body)
}
