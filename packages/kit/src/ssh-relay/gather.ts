// Writes to a socket in large pieces: a write to the system costs more than all else here. What is written in one turn of the
// event loop is copied into one slab, and slabs are shared by all connections, so that one that rests has none.

import { randomBytes } from 'node:crypto'
import type { Writable } from 'node:stream'

export interface Slabs {
  take(): Buffer
  give(slab: Buffer): void
  /** For one packet, until it is encrypted. */
  scratch: Buffer
}

const slabBytes = 256 * 1024
/** The largest packet that ssh2 reads, and more. */
const scratchBytes = 300 * 1024
/** More than so many that are free are left to the garbage collector. */
const mostFree = 32
/** What is smaller goes out as a copy of its own, and the slab stays. */
const smallBytes = 16 * 1024

export function openSlabs(): Slabs {
  const free: Buffer[] = []
  return {
    scratch: randomBytes(scratchBytes),
    take: () => free.pop() ?? Buffer.allocUnsafeSlow(slabBytes),
    give: slab => {
      if (free.length < mostFree) free.push(slab)
    },
  }
}

export interface Gatherer {
  write(bytes: Uint8Array | string): void
  /** Sends what was gathered. */
  flush(): void
  /** What the socket has not taken over yet, in bytes. */
  waiting(): number
}

/** @param drained told each time that the socket took something over */
export function gatherer(socket: Writable, slabs: Slabs, drained: () => void): Gatherer {
  let [slab, filled, sent]: [Buffer | null, number, number] = [null, 0, 0]
  let isComing = false

  function send(bytes: Buffer, owner: Buffer | null): void {
    sent += bytes.length
    socket.write(bytes, () => {
      sent -= bytes.length
      if (owner) slabs.give(owner)
      drained()
    })
  }

  function flush(): void {
    if (!slab || filled === 0) return
    const bytes = slab.subarray(0, filled)
    const isSmall = filled < smallBytes
    send(isSmall ? Buffer.from(bytes) : bytes, isSmall ? null : slab)
    if (isSmall) slabs.give(slab)
    ;[slab, filled] = [null, 0]
  }

  return {
    flush,
    waiting: () => sent + filled,
    write(given) {
      let bytes: Uint8Array = typeof given === 'string' ? Buffer.from(given) : given
      if (!isComing) {
        isComing = true
        setImmediate(() => {
          isComing = false
          flush()
        })
      }
      while (bytes.length > 0) {
        slab ??= slabs.take()
        const part = bytes.subarray(0, slab.length - filled)
        slab.set(part, filled)
        filled += part.length
        bytes = bytes.subarray(part.length)
        if (filled === slab.length) flush()
      }
    },
  }
}
