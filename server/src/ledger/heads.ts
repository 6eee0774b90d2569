// The heads of the chain, in a file outside the database: whoever owns the database can write the whole chain anew, but not
// what stood here before. A line each: {"at","block","hash"}.

import { createReadStream } from 'node:fs'
import { mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import * as z from 'zod/mini'

export interface Head {
  block: number
  /** In hexadecimal digits. */
  hash: string
}

const line = z.object({ at: z.iso.datetime(), block: z.int(), hash: z.string() })

/** Adds a head unless it is the last one there. What a full disk or a crash has cut off is taken away first. */
export async function noteHead(path: string, { block, hash }: Head, now: number): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await using file = await open(path, 'a+', 0o600)
  const { size } = await file.stat()
  const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(tail), position: Math.max(0, size - tail) })
  const end = buffer.subarray(0, bytesRead)
  const torn = bytesRead - (end.lastIndexOf('\n') + 1)
  if (torn > 0) await file.truncate(size - torn)
  const last = headOf(
    end
      .subarray(0, bytesRead - torn)
      .toString()
      .trimEnd()
      .split('\n')
      .at(-1) ?? '',
  )
  if (last?.block === block && last.hash === hash) return false
  await file.appendFile(`${JSON.stringify({ at: new Date(now).toISOString(), block, hash })}\n`)
  await file.sync()
  return true
}

/** More than a line is long. */
const tail = 1_024

/** All of them, in groups; null: a line that nobody can read. Without a file there are none. */
export async function* readHeads(path: string, group = 1_000): AsyncGenerator<(Head | null)[]> {
  let heads: (Head | null)[] = []
  try {
    for await (const text of createInterface({ input: createReadStream(path) })) {
      heads.push(headOf(text))
      if (heads.length < group) continue
      yield heads
      heads = []
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  yield heads
}

function headOf(text: string): Head | null {
  try {
    return line.parse(JSON.parse(text))
  } catch {
    return null
  }
}
