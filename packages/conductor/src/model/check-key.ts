import { checkKey as check } from '@spoq/kit/model-vendor'
import { modelError } from './error.ts'
import type { Reached, VendorKind } from './vendor.ts'

/**
 * Shows by one small call, which costs nothing, that a vendor takes a key.
 * @throws ModelFailure `model_refused` or `model_failed`, in the vendor's words without the key.
 */
export async function checkKey(kind: VendorKind, reached: Reached): Promise<void> {
  try {
    await check(kind, reached)
  } catch (error) {
    throw modelError(error, false, reached.key)
  }
}
