import * as z from 'zod/mini'
import { route } from '../http/index.ts'
import { syncChange, syncedFolder, syncType } from './sync.ts'

const query = z.object({ folder: syncedFolder })

export const syncFolder = route({
  method: 'post',
  path: '/api/sync',
  summary:
    'Tells what a folder of the workspace holds, or takes and gives files of it. One sync of a folder at a time; a request holds what crosses within about 20 seconds.',
  caller: 'member',
  scope: 'machine:use',
  query,
  takesBytes: syncType,
  status: 200,
  answer: z.custom<ReadableStream<Uint8Array>>(),
  answersBytes: syncType,
  errors: ['sync_busy', 'sync_refused', 'disk_full'],
})

export const syncChanges = route({
  method: 'get',
  path: '/api/sync/changes',
  summary: 'Streams what changes in a folder of the workspace, from now on.',
  caller: 'member',
  scope: 'machine:use',
  query,
  status: 200,
  answer: syncChange,
  stream: true,
  errors: ['sync_refused'],
})
