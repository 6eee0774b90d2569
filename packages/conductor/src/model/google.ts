import { vendorCalls } from '@spoq/kit/model-vendor'
import type { VendorKind } from './vendor.ts'

/** Google's Gemini API. */
export const google: VendorKind = {
  ...vendorCalls.google,
  needsKey: true,
  open: async ({ url, key, fetch }, model) => {
    const { createGoogle } = await import('@ai-sdk/google')
    return createGoogle({ baseURL: url, apiKey: key ?? '', fetch })(model)
  },
  takesImages: async (_, model) => !/^gemma-[12]|tts/.test(model),
}
