// What is sent to the machine, as the frames of as many requests as it takes.

import { type Action, type FileEntry, frame, frameParts, type Pack, type Place, packs, parts } from '@spoq/kit/sync'

/** What one request holds at most, and how long it takes: a proxy may cut one that is not answered within minutes. */
export const requestBytes = 512 << 20
const requestMs = 20_000

interface Options {
  include: string[]
  onBytes: (bytes: number) => void
  requestBytes: number
  /** Whether the machine has told that it could not take a file. */
  hasFailed: (path: string) => boolean
}

export type Content = Extract<Action, { kind: 'put' }> & { entry: FileEntry }

/** Whether the other side has to send it: a side makes links, empty files and copies itself. */
export const hasContent = (action: Action): action is Content =>
  action.kind === 'put' && action.copy === undefined && action.entry.kind === 'file' && action.entry.size > 0

/** First what needs no content, then the files, then what is wanted back. A large file goes on in the next request. */
export function outgoing(
  place: Place,
  actions: readonly Action[],
  wanted: readonly FileEntry[],
  { include, onBytes, requestBytes: most, hasFailed }: Options,
) {
  const files = new Map(actions.filter(hasContent).map(one => [one.entry.path, one]))
  const coming = packs(
    place,
    [...files.values()].map(({ entry }) => entry),
  )
  let isFirst = true
  let isDone = actions.length + wanted.length === 0

  async function* request(): AsyncGenerator<Buffer> {
    yield frame({ type: 'exchange', include })
    if (isFirst)
      yield* lists(
        'do',
        'actions',
        actions.filter(one => !hasContent(one)),
      )
    isFirst = false
    const announced = new Set<string>()
    const until = performance.now() + requestMs
    for (let bytes = 0; bytes < most && performance.now() < until; ) {
      const { done, value: pack } = await coming.next()
      if (done) {
        isDone = true
        yield* lists('want', 'files', wanted)
        break
      }
      bytes += pack.body.length
      yield* packed(unfailed(pack), announced)
    }
    yield frame({ type: 'end' })
  }

  function* packed({ pieces, body }: Pack, announced: Set<string>): Generator<Buffer> {
    if (pieces.length === 0) return
    const fresh = [...new Set(pieces.map(({ path }) => path))].filter(path => !announced.has(path))
    for (const path of fresh) announced.add(path)
    if (fresh.length > 0) yield frame({ type: 'do', actions: fresh.map(path => files.get(path)) })
    yield* frameParts({ type: 'pack', pieces }, body)
    onBytes(body.length)
  }

  /** Without the rest of a large file of which the machine took no more; it comes by itself. */
  const unfailed = (pack: Pack): Pack =>
    pack.pieces.some(({ path, offset }) => offset > 0 && hasFailed(path)) ? { pieces: [], body: pack.body } : pack

  return { request, isDone: () => isDone, end: () => coming.return(undefined) }
}

function* lists(type: string, name: string, all: readonly unknown[]): Generator<Buffer> {
  for (const some of parts(all)) yield frame({ type, [name]: some })
}
