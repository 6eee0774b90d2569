// A file whose first line says what counts of the rest: mostly that line alone is read.

import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { writePrivately } from '../sealed-file/index.ts'
import { readInto } from './hash-file.ts'

const longestHead = 4_096

export interface Headed {
  head: unknown
  /** Read when it is asked for. @throws what the system says. */
  body: () => string
}

/** Replaces a file; a crash leaves the old or the new one. */
export function writeHeaded(file: string, head: object, body: string): void {
  writePrivately(file, `${JSON.stringify({ ...head, bytes: Buffer.byteLength(body) })}\n${body}`)
}

/** @throws when there is none, or not the whole of it. */
export function readHeaded(file: string): Headed {
  const handle = openSync(file, 'r')
  try {
    const start = Buffer.alloc(longestHead)
    const length = readInto(handle, start)
    const end = start.subarray(0, length).indexOf('\n')
    const head = JSON.parse(start.toString('utf8', 0, end)) as { bytes?: number }
    if (head.bytes !== undefined && fstatSync(handle).size !== end + 1 + head.bytes) throw new Error('it is not whole')
    return { head, body: () => readFileSync(file).toString('utf8', end + 1) }
  } finally {
    closeSync(handle)
  }
}
