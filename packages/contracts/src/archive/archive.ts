import * as z from 'zod/mini'
import { route } from '../http/index.ts'

/** What a backend may do on its machine beside telling it things: read all that is on it, and replace that. */
export const archiveScope = 'machine:archive'

/** The media type of an archive. */
export const archiveType = 'application/x-tar'

/** What was put back. */
export const restored = z.object({
  files: z.number(),
  bytes: z.number(),
  /** The hash over what the archive's manifest says of all its members. */
  sha256: z.string(),
})
export type Restored = z.infer<typeof restored>

export const readArchive = route({
  method: 'get',
  path: '/api/archive',
  summary:
    'All that is on a machine as one tar: files, sessions, settings; no keys and no tokens. Its last member is a manifest with the hash of each file; an archive without one was cut off.',
  caller: 'backend',
  scope: archiveScope,
  status: 200,
  answer: z.custom<ReadableStream<Uint8Array>>(),
  answersBytes: archiveType,
  errors: ['disk_full'],
})

export const writeArchive = route({
  method: 'put',
  path: '/api/archive',
  summary:
    'Puts an archive in the place of all that is on a machine at rest. Nothing changes before all of it is there and fits its manifest; then the Conductor starts anew.',
  caller: 'backend',
  scope: archiveScope,
  takesBytes: archiveType,
  status: 200,
  answer: restored,
  errors: ['machine_busy', 'archive_invalid', 'disk_full'],
})
