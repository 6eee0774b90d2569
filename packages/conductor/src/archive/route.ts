import { Readable } from 'node:stream'
import { readArchive, writeArchive } from '@spoq/contracts/archive'
import { SpoqError } from '@spoq/contracts/problem'
import type { Serve } from '../http/serve.ts'
import { readArchive as read, type Source } from './read.ts'
import { type Restoring, writeArchive as write } from './write.ts'

/** Binds what the backend alone may do with all of a machine. */
export function archiveRoutes(serve: Serve, source: () => Source, restoring: Restoring): void {
  let writing = false
  serve(readArchive, async () => Readable.toWeb(await read(source())) as ReadableStream<Uint8Array>)
  serve(writeArchive, async ({ bytes }) => {
    if (writing) throw new SpoqError('machine_busy', { message: 'Another archive is being put back.' })
    writing = true
    try {
      return await write(restoring, bytes ?? Readable.from([]))
    } finally {
      writing = false
    }
  })
}
