import { vendorCalls } from '@spoq/kit/model-vendor'
import type { VendorKind } from './vendor.ts'

/** Anthropic's Messages API. */
export const anthropic: VendorKind = {
  ...vendorCalls.anthropic,
  needsKey: true,
  open: async ({ url, key, fetch }, model) => {
    const { createAnthropic } = await import('@ai-sdk/anthropic')
    return createAnthropic({ baseURL: url, apiKey: key ?? '', fetch })(model)
  },
  takesImages: async () => true,
}
