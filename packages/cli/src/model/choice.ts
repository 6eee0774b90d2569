// What `spoq model use` sends, from its words and a key that never stands among them.

import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { type ModelChoice, modelChoice } from '@spoq/contracts/model'
import { SpoqError } from '@spoq/contracts/problem'
import { askSecret, type Terminal } from '../terminal.ts'

interface Named {
  name: string
  url: string | undefined
  /** Where the key comes from; null: from the person, if there is one. */
  key: Readable | null
}

/** @throws SpoqError `usage` when the address is missing or none, or no key came where one was announced. */
export async function readChoice(named: Named, terminal: Terminal): Promise<ModelChoice> {
  if (named.name === 'demo') return { kind: 'demo' }
  if (named.url === undefined)
    throw usage('The address of the model is missing.', `Add it: --url https://api.example.org/v1.`)
  const choice = { kind: 'openai-compatible' as const, model: named.name, url: named.url }
  if (!modelChoice.safeParse(choice).success)
    throw usage('--url is not an http or https address.', 'Example: --url http://127.0.0.1:11434/v1')
  const key = named.key ? await keyFrom(named.key) : await keyOf(terminal)
  return key === '' ? choice : { ...choice, key }
}

async function keyFrom(input: Readable): Promise<string> {
  const key = (await text(input)).trim()
  if (key === '') throw usage('No key came on standard input.', 'Pipe it in, or leave --key-stdin out.')
  return key
}

async function keyOf(terminal: Terminal): Promise<string> {
  if (!terminal.interactive) return ''
  return (await askSecret(terminal, { message: 'Key (empty for none):', flag: '--key-stdin' })).trim()
}

const usage = (message: string, next: string) => new SpoqError('usage', { message, next })
