// All public keys of a file or an answer: a line each.

import type { SshPublicKey } from './blob.ts'
import { isPrivate, keyOfLine } from './line.ts'
import { KeyRefused } from './refused.ts'

export interface RefusedLine {
  /** From 1; 0: all of it. */
  line: number
  /** Follows `this is `. */
  why: string
}

export interface KeysRead {
  /** Each once. */
  keys: SshPublicKey[]
  refused: RefusedLine[]
}

/** More lines than this are not read. */
export const mostKeys = 100

/** Reads whatever bytes there are. Never throws; what is refused is in no error text either. */
export function readKeys(content: string | Uint8Array): KeysRead {
  const text = typeof content === 'string' ? content : decode(content)
  const whole = text === null ? notUtf8(content as Uint8Array) : wrongWhole(text)
  if (text === null || whole !== null) return { keys: [], refused: [{ line: 0, why: whole ?? 'no text' }] }
  const keys = new Map<string, SshPublicKey>()
  const refused: RefusedLine[] = []
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^[ \t]*(#|$)/.test(line)) continue
    try {
      const key = keyOfLine(line)
      keys.set(key.fingerprint, key)
    } catch (error) {
      if (!(error instanceof KeyRefused)) throw error
      refused.push({ line: index + 1, why: error.message })
    }
  }
  return { keys: [...keys.values()], refused }
}

/** What makes all of it worthless; null: nothing. */
function wrongWhole(text: string): string | null {
  // A file with a private key is in the wrong hands already: nothing of it is taken.
  if (isPrivate(text)) return 'a private key: give the file that ends with .pub'
  if (text.split('\n', mostKeys + 2).length > mostKeys + 1) return `more than ${mostKeys} lines`
  return null
}

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}

const notUtf8 = ([first, second]: Uint8Array): string =>
  (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)
    ? 'a text in UTF-16: save it as UTF-8'
    : 'no text in UTF-8'
