import { vendorCalls } from '@spoq/kit/model-vendor'
import * as z from 'zod/mini'
import { modelError } from './error.ts'
import { chatCompletions } from './openai-compatible.ts'
import type { Reached, VendorKind } from './vendor.ts'

/** Ollama, by its route for OpenAI's chat completions; what a model can do it tells at `/api/show`. */
export const ollama: VendorKind = {
  ...vendorCalls.ollama,
  needsKey: false,
  open: chatCompletions,
  takesImages: async (reached, model) => (await capabilities(reached, model)).includes('vision'),
}

const shown = z.object({ capabilities: z._default(z.array(z.string()), []) })

/** @throws ModelFailure when it cannot be asked. */
async function capabilities({ url, fetch }: Reached, model: string): Promise<string[]> {
  const address = `${url.replace(/\/v1$/, '')}/api/show`
  const headers = { 'content-type': 'application/json' }
  try {
    const response = await fetch(address, { method: 'POST', headers, body: JSON.stringify({ model }) })
    return response.ok ? shown.parse(await response.json()).capabilities : []
  } catch (error) {
    throw modelError(error, false, null)
  }
}
