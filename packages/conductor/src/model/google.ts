import type { VendorKind } from './vendor.ts'

/** Google's Gemini API. */
export const google: VendorKind = {
  url: 'https://generativelanguage.googleapis.com/v1beta',
  needsKey: true,
  open: async ({ url, key, fetch }, model) => {
    const { createGoogle } = await import('@ai-sdk/google')
    return createGoogle({ baseURL: url, apiKey: key ?? '', fetch })(model)
  },
  takesImages: async (_, model) => !/^gemma-[12]|tts/.test(model),
  list: ({ url, key, fetch }) => fetch(`${url}/models?pageSize=1`, { headers: { 'x-goog-api-key': key ?? '' } }),
}
