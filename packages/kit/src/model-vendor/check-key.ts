import * as z from 'zod/mini'
import type { Reached, VendorCalls } from './vendor-calls.ts'

const patienceMs = 30_000
const longest = 300
const said = z.object({ error: z.union([z.string(), z.object({ message: z.string() })]) })

/** A vendor did not take a key, or did not answer. The message is one line of the vendor's words, without the key. */
export class KeyNotTaken extends Error {
  override readonly name = 'KeyNotTaken'
  /** What it answered; undefined: nothing. */
  readonly statusCode: number | undefined
  constructor(message: string, statusCode?: number, cause?: unknown) {
    super(message, { cause })
    this.statusCode = statusCode
  }
}

/** Shows by one small call, which costs nothing, that a vendor takes a key. @throws KeyNotTaken */
export async function checkKey({ list }: VendorCalls, reached: Reached): Promise<void> {
  const { key, fetch: send } = reached
  const patient: typeof fetch = (address, init) => send(address, { ...init, signal: AbortSignal.timeout(patienceMs) })
  const { ok, status, text } = await ask(() => list({ ...reached, fetch: patient }), key)
  if (!ok) throw new KeyNotTaken(oneLine(reason(text) ?? `it answered ${status}`, key), status)
}

async function ask(list: () => Promise<Response>, key: string | null) {
  try {
    const response = await list()
    return { ok: response.ok, status: response.status, text: await response.text() }
  } catch (error) {
    const { cause, message } = error as Error
    throw new KeyNotTaken(oneLine((cause as Error | undefined)?.message ?? message, key), undefined, error)
  }
}

function reason(text: string): string | null {
  try {
    const { error } = said.parse(JSON.parse(text))
    return typeof error === 'string' ? error : error.message
  } catch {
    return null
  }
}

function oneLine(text: string, key: string | null): string {
  const line = (key ? text.replaceAll(key, '***') : text).replace(/\s+/g, ' ').trim()
  return line.length > longest ? `${line.slice(0, longest)}…` : line
}
