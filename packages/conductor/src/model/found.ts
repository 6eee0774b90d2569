// Model servers that run on this very machine, found by asking.

import type { Vendor } from '@spoq/contracts/model'
import * as z from 'zod/mini'

/** Where Ollama, LM Studio and llama.cpp listen when nobody says otherwise. */
export const usualEndpoints = [
  'http://127.0.0.1:11434/v1',
  'http://127.0.0.1:1234/v1',
  'http://127.0.0.1:8080/v1',
] as const

export interface Found {
  url: string
  vendor: Vendor
  /** The names of its models, at least one. */
  models: string[]
}

const list = z.object({ data: z.array(z.object({ id: z.string() })) })
/** A server on the same machine answers in a few ms, or it is not one. */
const patienceMs = 300

/** The endpoints that list models, in the order given. */
export async function findEndpoints(endpoints: readonly string[]): Promise<Found[]> {
  const found = await Promise.all(endpoints.map(look))
  return found.filter(one => one !== null)
}

async function look(url: string): Promise<Found | null> {
  try {
    const models = list.parse(await get(`${url}/models`)).data.map(({ id }) => id)
    const talking = models.filter(name => !/embed/i.test(name))
    if (talking.length === 0) return null
    return { url, vendor: (await isOllama(url)) ? 'ollama' : 'openai-compatible', models: talking }
  } catch {
    // Whatever it is, it is no model server.
    return null
  }
}

const version = z.object({ version: z.string() })

/** Only Ollama answers there. */
async function isOllama(url: string): Promise<boolean> {
  try {
    return version.safeParse(await get(`${url.replace(/\/v1$/, '')}/api/version`)).success
  } catch {
    return false
  }
}

async function get(address: string): Promise<unknown> {
  const response = await fetch(address, { signal: AbortSignal.timeout(patienceMs), redirect: 'error' })
  return response.ok ? response.json() : null
}
