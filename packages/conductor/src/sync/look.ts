// What a folder holds.

import { type Entry, frame, isHomeByName, type Message, type MessageOf, parts, scan, scanPath } from '@spoq/kit/sync'
import { cacheOf, close, idOf, type Kept, knownOf, newIdOf, save } from './kept.ts'

/** Answers it as frames; in one word when it is what the other side knows already. */
export async function look(kept: Kept, asked: MessageOf<'look'>): Promise<AsyncIterable<Uint8Array>> {
  return asked.only ? lookAt(kept, asked.only, asked.include) : lookAtAll(kept, asked)
}

async function lookAtAll(kept: Kept, { know, include }: MessageOf<'look'>): Promise<AsyncIterable<Uint8Array>> {
  await close(kept)
  const place = await kept.place(false)
  if (!place) return frameOf([{ type: 'folder', id: newIdOf(kept) }, { type: 'end' }])
  await using _ = place
  const found = await scan(place, { known: knownOf(kept), include, now: kept.now })
  kept.known = found.remembered
  kept.isNews ||= found.isNews
  kept.watch?.follow(found.folders)
  kept.folders = found.folders
  save(kept)
  const own: Message = { type: 'folder', id: idOf(kept) }
  const left = [
    ...[...parts(found.left)].map((some): Message => ({ type: 'left', left: some, refused: [] })),
    ...[...parts(found.refused)].map((some): Message => ({ type: 'left', left: [], refused: some })),
  ]
  if (know !== null && found.digest === know) return frameOf([own, { type: 'same' }, ...left, { type: 'end' }])
  const entries = [...parts(found.manifest.values())].map((some): Message => ({ type: 'entries', entries: some }))
  return frameOf([own, ...entries, ...left, { type: 'end' }])
}

async function* frameOf(messages: readonly Message[]): AsyncGenerator<Uint8Array> {
  for (const one of messages) yield frame(one)
}

/** What stands at some paths. What is not simply a file, a link or nothing is named as staying there. */
async function lookAt(kept: Kept, paths: string[], include: string[]): Promise<AsyncIterable<Uint8Array>> {
  const own: Message = { type: 'folder', id: idOf(kept) }
  const place = await kept.place(false)
  if (!place) return frameOf([own, { type: 'end' }])
  await using _ = place
  const [entries, left]: [Entry[], string[]] = [[], []]
  for (const path of [...new Set(paths)].sort()) {
    const found = isHomeByName(path, include) ? 'unclear' : await scanPath(place, path, cacheOf(kept))
    if (found === 'unclear') left.push(path)
    else if (found) entries.push(found)
  }
  return frameOf([
    own,
    ...[...parts(entries)].map((some): Message => ({ type: 'entries', entries: some })),
    ...[...parts(left)].map((some): Message => ({ type: 'left', left: some, refused: [] })),
    { type: 'end' },
  ])
}
