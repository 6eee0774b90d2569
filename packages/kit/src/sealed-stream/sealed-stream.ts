// Bytes of any length under one key, sealed in pieces as they come: the STREAM construction over AES-256-GCM. Each piece's
// nonce holds its number and whether it is the last one, so that none can be left out, moved, doubled or cut off.

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

/** Length of a key. One key is for one stream. */
export const streamKeyBytes = 32

const magic = Buffer.from('SPOQSTR1')
const prefixBytes = 7
const headBytes = magic.length + prefixBytes
const tagBytes = 16
const pieceBytes = 64 << 10
const algorithm = 'aes-256-gcm'

/** What was sealed here was changed, cut off, or belongs elsewhere. */
export class StreamBroken extends Error {
  override readonly name = 'StreamBroken'
}

/** @param about authenticated with it: what it belongs to */
export async function* sealStream(
  plain: AsyncIterable<Uint8Array>,
  key: Buffer,
  about: Buffer,
): AsyncGenerator<Buffer> {
  const head = Buffer.concat([magic, randomBytes(prefixBytes)])
  yield head
  for await (const { piece, number, last } of pieces(plain, pieceBytes)) {
    const cipher = createCipheriv(algorithm, key, nonceOf(head, number, last)).setAAD(about)
    const sealed = Buffer.concat([cipher.update(piece), cipher.final()])
    yield Buffer.concat([sealed, cipher.getAuthTag()])
  }
}

/**
 * What was sealed, piece by piece, each after it was checked. Only when it ends without an error was it all.
 * @throws StreamBroken
 */
export async function* openStream(
  sealed: AsyncIterable<Uint8Array>,
  key: Buffer,
  about: Buffer,
): AsyncGenerator<Buffer> {
  let head: Buffer | undefined
  const body = async function* () {
    let begun = Buffer.alloc(0)
    for await (const bytes of sealed) {
      if (head) yield bytes
      else {
        begun = Buffer.concat([begun, bytes])
        if (begun.length < headBytes) continue
        head = begun.subarray(0, headBytes)
        yield begun.subarray(headBytes)
      }
    }
  }
  for await (const { piece, number, last } of pieces(body(), pieceBytes + tagBytes)) {
    if (!head?.subarray(0, magic.length).equals(magic) || piece.length < tagBytes) throw broken()
    yield opened(piece, key, nonceOf(head, number, last), about)
  }
}

function opened(piece: Buffer, key: Buffer, nonce: Buffer, about: Buffer): Buffer {
  const end = piece.length - tagBytes
  try {
    const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: tagBytes }).setAAD(about)
    decipher.setAuthTag(piece.subarray(end))
    return Buffer.concat([decipher.update(piece.subarray(0, end)), decipher.final()])
  } catch (cause) {
    throw broken(cause)
  }
}

const broken = (cause?: unknown) =>
  new StreamBroken('What is sealed here was changed, or belongs elsewhere.', { cause })

function nonceOf(head: Buffer, number: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12)
  head.copy(nonce, 0, magic.length, headBytes)
  nonce.writeUInt32BE(number, prefixBytes)
  nonce[11] = last ? 1 : 0
  return nonce
}

/** Cuts bytes into pieces of one size. There is always a last one, if need be an empty or a shorter one. */
async function* pieces(bytes: AsyncIterable<Uint8Array>, size: number) {
  let waiting: Uint8Array[] = []
  let length = 0
  let number = 0
  for await (const some of bytes) {
    waiting.push(some)
    length += some.length
    // One piece stays until more comes: only then it is known not to be the last.
    if (length <= size) continue
    const all = Buffer.concat(waiting)
    let at = 0
    for (; all.length - at > size; at += size)
      yield { piece: all.subarray(at, at + size), number: number++, last: false }
    waiting = [all.subarray(at)]
    length = all.length - at
  }
  yield { piece: Buffer.concat(waiting), number, last: true }
}
