// All that is on a machine, from and to its Conductor.

import type { Readable } from 'node:stream'
import { call, open } from '@spoq/client/call'
import { readArchive, writeArchive } from '@spoq/contracts/archive'

export interface At {
  endpoint: string
  token: string
}

export interface ArchivePort {
  /** The archive as it comes. What breaks off throws. @throws SpoqError what it answered, or `machine_unreachable`. */
  read(at: At): Promise<Readable>
  /** @throws SpoqError what it answered, or `machine_unreachable`. */
  write(at: At, bytes: Readable): Promise<void>
}

export const archivePort: ArchivePort = {
  read: async at => (await open(targetOf(at), readArchive, {}, {})).body,
  write: async (at, bytes) => {
    await call(targetOf(at), writeArchive, { bytes })
  },
}

const targetOf = ({ endpoint, token }: At) =>
  ({ origin: endpoint, token: async () => token, unreachable: 'machine_unreachable', now: Date.now }) as const
