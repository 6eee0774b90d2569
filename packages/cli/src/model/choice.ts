// What `spoq model use` sends, from its words and a key that never stands among them.

import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { type ModelChoice, modelChoice, modelKey, vendors } from '@spoq/contracts/model'
import { SpoqError } from '@spoq/contracts/problem'
import { askSecret, type Terminal } from '../terminal.ts'

interface Named {
  name: string
  url: string | undefined
  /** Where the key comes from; null: from the person, if there is one and an address is new. */
  key: Readable | null
  alias?: string | undefined
  fallback?: string[] | undefined
}

/** @throws SpoqError `usage` when a word is none, or no key came where one was announced. */
export async function readChoice(named: Named, terminal: Terminal): Promise<ModelChoice> {
  const { name, url, alias, fallback } = named
  const said = { name, url, alias, fallback }
  const parsed = modelChoice.safeParse(said)
  if (!parsed.success) throw wrong(parsed.error.issues[0]?.path[0])
  if (named.key) return { ...parsed.data, key: await keyFrom(named.key) }
  // Another address gets no key that was entered before.
  if (!url || !terminal.interactive) return parsed.data
  const key = (await askSecret(terminal, { message: 'Key (empty for none):', flag: '--key-stdin' })).trim()
  return key === '' ? parsed.data : { ...parsed.data, key }
}

/** A key from standard input, or from the person. @throws SpoqError `usage`, `needs_terminal`. */
export async function readKey(input: Readable | null, terminal: Terminal, vendor: string): Promise<string> {
  if (input) return keyFrom(input)
  const message = `Key for ${vendor}:`
  return asKey((await askSecret(terminal, { message, flag: 'standard input' })).trim())
}

async function keyFrom(input: Readable): Promise<string> {
  const key = (await text(input)).trim()
  if (key === '') throw usage('No key came on standard input.', 'Pipe it in: spoq model key set VENDOR < key.txt')
  return asKey(key)
}

function asKey(key: string): string {
  if (modelKey.safeParse(key).success) return key
  throw usage('That is no key: a key is one word of visible characters.', 'Copy it from the vendor once more.')
}

function wrong(part: PropertyKey | undefined): SpoqError {
  if (part === 'url') return usage('--url is not an http or https address.', 'Example: --url http://127.0.0.1:11434/v1')
  if (part === 'alias') return usage('An alias is a small word, such as fast.', 'Letters, digits, dots and dashes.')
  return usage('That is no name of a model.', `Example: ${vendors[0]}/claude-sonnet-5-5`)
}

const usage = (message: string, next: string) => new SpoqError('usage', { message, next })
