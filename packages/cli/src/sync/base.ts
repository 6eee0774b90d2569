// What both sides held when they last were the same.

import { mkdirSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { writePrivately } from '@spoq/kit/sealed-file'
import { digestOf, type Entry, type Manifest, readHeaded, writeHeaded } from '@spoq/kit/sync'

export interface Base {
  /** Which folder of the machine that was. */
  id: string
  digest: string
  /** Read when it is asked for: mostly it is not. */
  manifest: () => Manifest
}

/** Null when there is none, or none that can be read: then nothing is deleted on either side. */
export function readBase(file: string): Base | null {
  try {
    const { head, body } = readHeaded(file)
    const { id, digest } = head as { id: string; digest: string }
    let manifest: Manifest | undefined
    return {
      id,
      digest,
      manifest: () => {
        manifest ??= manifestIn(body(), digest)
        return manifest
      },
    }
  } catch {
    return null
  }
}

function manifestIn(text: string, digest: string): Manifest {
  const entries = JSON.parse(text) as Entry[]
  const manifest = new Map(entries.map(one => [one.path, one]))
  return digestOf(manifest) === digest ? manifest : new Map()
}

/** Replaces it; a crash leaves the old or the new one. */
export function writeBase(file: string, id: string, manifest: Manifest): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  writeHeaded(file, { id, digest: digestOf(manifest) }, JSON.stringify([...manifest.values()]))
}

/**
 * What a sync is about to bring to each side. After one that was cut off, what a side has of it came from the other one, and is
 * no change of its own.
 */
export interface Pending {
  id: string
  here: Entry[]
  there: Entry[]
}

const pendingFile = (file: string) => `${file}.pending`

/** Of a sync that was cut off; null when the last one came to its end. */
export async function readPending(file: string): Promise<Pending | null> {
  try {
    return JSON.parse(await readFile(pendingFile(file), 'utf8')) as Pending
  } catch {
    return null
  }
}

export function writePending(file: string, pending: Pending): void {
  writePrivately(pendingFile(file), JSON.stringify(pending))
}

export const dropPending = (file: string): Promise<void> => rm(pendingFile(file), { force: true })
