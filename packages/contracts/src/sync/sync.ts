import * as z from 'zod/mini'

/** The media type of a sync's frames, see `sync` of @spoq/kit. */
export const syncType = 'application/vnd.spoq.sync'

/** A folder of the workspace, by its path with slashes. */
export const syncedFolder = z.string().check(z.minLength(1), z.maxLength(1_024))

/** Something in a folder may be another by now: at these paths, or anywhere when there are none. */
export const syncChange = z.object({ id: z.number(), paths: z.array(z.string()) })
export type SyncChange = z.infer<typeof syncChange>
