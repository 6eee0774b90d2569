import * as z from 'zod/mini'
import { modelError } from './error.ts'
import type { Reached, VendorKind } from './vendor.ts'

const patienceMs = 30_000
const said = z.object({ error: z.union([z.string(), z.object({ message: z.string() })]) })

/**
 * Shows by one small call, which costs nothing, that a vendor takes a key.
 * @throws ModelFailure `model_refused` or `model_failed`, in the vendor's words without the key.
 */
export async function checkKey(kind: VendorKind, reached: Reached): Promise<void> {
  const { key, fetch: send } = reached
  const patient: typeof fetch = (address, init) => send(address, { ...init, signal: AbortSignal.timeout(patienceMs) })
  try {
    const response = await kind.list({ ...reached, fetch: patient })
    const text = await response.text()
    if (response.ok) return
    throw Object.assign(new Error(reason(text) ?? `it answered ${response.status}`), { statusCode: response.status })
  } catch (error) {
    throw modelError(error, false, key)
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
