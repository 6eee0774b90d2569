// Model servers that run on this very machine, found by asking.

import * as z from 'zod/mini'

/** Where Ollama, LM Studio and llama.cpp listen when nobody says otherwise. */
export const usualEndpoints = [
  'http://127.0.0.1:11434/v1',
  'http://127.0.0.1:1234/v1',
  'http://127.0.0.1:8080/v1',
] as const

export interface Found {
  url: string
  /** The names of its models, at least one. */
  models: string[]
}

const list = z.object({ data: z.array(z.object({ id: z.string() })) })
/** A server on the same machine answers in a few ms, or it is not one. */
const patienceMs = 300

/** The first of the endpoints that lists models; null when none does. */
export async function findEndpoint(endpoints: readonly string[]): Promise<Found | null> {
  const found = await Promise.all(endpoints.map(look))
  return found.find(one => one !== null) ?? null
}

async function look(url: string): Promise<Found | null> {
  try {
    const response = await fetch(`${url}/models`, { signal: AbortSignal.timeout(patienceMs), redirect: 'error' })
    const models = list.parse(await response.json()).data.map(({ id }) => id)
    const talking = models.filter(name => !/embed/i.test(name))
    return talking.length > 0 ? { url, models: talking } : null
  } catch {
    // Whatever it is, it is no model server.
    return null
  }
}
