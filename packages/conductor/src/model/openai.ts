import { vendorCalls } from '@spoq/kit/model-vendor'
import type { VendorKind } from './vendor.ts'

/** OpenAI's Responses API. */
export const openAi: VendorKind = {
  ...vendorCalls.openai,
  needsKey: true,
  open: async ({ url, key, fetch }, model) => {
    const { createOpenAI } = await import('@ai-sdk/openai')
    return createOpenAI({ baseURL: url, apiKey: key ?? '', fetch }).responses(model)
  },
  // What is asked stays with the machine's log, and not for 30 days with the vendor as well.
  options: { openai: { store: false } },
  takesImages: async (_, model) => !/^(gpt-3\.5|gpt-4(-\d{4})?$|o1-mini|o1-preview|o3-mini)/.test(model),
}
