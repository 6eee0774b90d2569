import { Readable } from 'node:stream'
import { syncChanges, syncFolder } from '@spoq/contracts/sync'
import { lastEventId } from '../http/last-event-id.ts'
import type { Serve } from '../http/serve.ts'
import type { Syncs } from './syncs.ts'

/** Binds what keeps a folder of the workspace and one of another computer the same. */
export function syncRoutes(serve: Serve, syncs: Syncs): void {
  serve(syncFolder, async ({ query, bytes }) => {
    const answer = await syncs.answer(query.folder, bytes ?? Readable.from([]))
    return Readable.toWeb(Readable.from(answer, { objectMode: false })) as ReadableStream<Uint8Array>
  })
  serve(syncChanges, ({ query, header, signal }) => syncs.changes(query.folder, lastEventId(header, undefined), signal))
}
