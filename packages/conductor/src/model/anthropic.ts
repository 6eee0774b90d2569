import type { VendorKind } from './vendor.ts'

/** Anthropic's Messages API. */
export const anthropic: VendorKind = {
  url: 'https://api.anthropic.com/v1',
  needsKey: true,
  open: async ({ url, key, fetch }, model) => {
    const { createAnthropic } = await import('@ai-sdk/anthropic')
    return createAnthropic({ baseURL: url, apiKey: key ?? '', fetch })(model)
  },
  takesImages: async () => true,
  list: ({ url, key, fetch }) =>
    fetch(`${url}/models?limit=1`, { headers: { 'x-api-key': key ?? '', 'anthropic-version': '2023-06-01' } }),
}
