// Whether an answer may be keys, and its bytes.

import { HandleRefused } from './refused.ts'

/** @throws HandleRefused */
export function assertText({ status, headers }: Response): void {
  if (status === 404) throw new HandleRefused('a handle that nobody has')
  if (status !== 200) throw new HandleRefused(`an answer with the status ${status}`)
  const [type = '', ...parameters] = (headers.get('content-type') ?? '')
    .toLowerCase()
    .split(';')
    .map(part => part.trim())
  if (type === 'text/html' || type === 'application/xhtml+xml') throw new HandleRefused('a web page')
  if (type !== '' && type !== 'text/plain' && type !== 'application/octet-stream')
    throw new HandleRefused('an answer that is no plain text')
  const charset = parameters
    .find(parameter => parameter.startsWith('charset='))
    ?.slice(8)
    .replaceAll('"', '')
  if (charset !== undefined && !['utf-8', 'utf8', 'us-ascii', 'ascii'].includes(charset))
    throw new HandleRefused('an answer that is not in UTF-8')
}

/** The body, however it is packed. @throws HandleRefused when there is more. */
export async function readAtMost({ body }: Response, most: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of (body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += piece.length
    if (bytes > most) throw new HandleRefused(`an answer of more than ${most / 1_024} KB`)
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}
