// A release as bytes: the same entries give the same archive, whoever makes it and when.

import { createHash } from 'node:crypto'
import { createReadStream, statSync } from 'node:fs'
import type { Entry } from './contents.ts'

/** A part of what follows from the form of the archive alone; a change of the form is a new one. */
const form = 'spoq release 1'

/** Names the archive before it is made: one hash of all that goes into it. */
export async function hashOf(entries: readonly Entry[]): Promise<string> {
  const all = createHash('sha256').update(form)
  for (const entry of entries) {
    const content = createHash('sha256')
    if ('file' in entry) for await (const chunk of createReadStream(entry.file)) content.update(chunk)
    const line = [entry.path, 'link' in entry ? entry.link : entry.executable, content.digest('hex')]
    all.update(`\n${JSON.stringify(line)}`)
  }
  return all.digest('hex')
}

/** The archive in tar's oldest portable form (ustar): owned by root, made in 1970. */
export async function* tarOf(entries: readonly Entry[]): AsyncGenerator<Buffer> {
  for (const entry of entries) {
    if ('link' in entry) {
      yield header({ path: entry.path, mode: 0o777, bytes: 0, type: '2', link: entry.link })
      continue
    }
    const bytes = statSync(entry.file).size
    yield header({ path: entry.path, mode: entry.executable ? 0o755 : 0o644, bytes, type: '0', link: '' })
    let read = 0
    for await (const chunk of createReadStream(entry.file) as AsyncIterable<Buffer>) {
      read += chunk.length
      yield chunk
    }
    if (read !== bytes) throw new Error(`${entry.file} changed while it was read`)
    yield Buffer.alloc((block - (bytes % block)) % block)
  }
  yield Buffer.alloc(2 * block)
}

const block = 512

interface Header {
  path: string
  mode: number
  bytes: number
  type: '0' | '2'
  link: string
}

function header({ path, mode, bytes, type, link }: Header): Buffer {
  if (Buffer.byteLength(path) > 100) throw new Error(`${path} is too long for the archive`)
  const head = Buffer.alloc(block)
  const octal = (value: number, length: number) => `${value.toString(8).padStart(length - 1, '0')}\0`
  const fields: [number, string][] = [
    [0, path],
    [100, octal(mode, 8)],
    [108, octal(0, 8)],
    [116, octal(0, 8)],
    [124, octal(bytes, 12)],
    [136, octal(0, 12)],
    [148, ' '.repeat(8)],
    [156, type],
    [157, link],
    [257, 'ustar\x0000'],
    [265, 'root'],
    [297, 'root'],
  ]
  for (const [at, text] of fields) head.write(text, at, 'latin1')
  const sum = head.reduce((total, byte) => total + byte, 0)
  head.write(`${octal(sum, 7)} `, 148, 'latin1')
  return head
}
