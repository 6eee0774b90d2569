// Where backups are stored. What is stored is sealed before it comes here.

import type { Readable } from 'node:stream'

export interface ObjectStore {
  /** Stores an object, in the place of one of that name. When this fails there is none, or the one before, or all of it. */
  put(name: string, bytes: AsyncIterable<Uint8Array>): Promise<void>
  /** @throws ObjectMissing */
  get(name: string): Promise<Readable>
  /** Harmless when there is none. */
  remove(name: string): Promise<void>
}

export class ObjectMissing extends Error {
  override readonly name = 'ObjectMissing'
}
