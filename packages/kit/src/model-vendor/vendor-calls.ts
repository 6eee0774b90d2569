// Where the vendors of models are, and their call that lists models: it costs nothing, and a wrong key is refused.

/** Where a vendor is asked, and as whom. */
export interface Reached {
  /** With the path its documentation starts at, without a slash at its end. */
  url: string
  key: string | null
  fetch: typeof fetch
}

export interface VendorCalls {
  /** Null: there is none that everybody uses. */
  url: string | null
  list(reached: Reached): Promise<Response>
}

const bearer = (key: string | null) => (key ? { headers: { authorization: `Bearer ${key}` } } : {})
const listByBearer: VendorCalls['list'] = ({ url, key, fetch }) => fetch(`${url}/models`, bearer(key))

export const vendorCalls = {
  anthropic: {
    url: 'https://api.anthropic.com/v1',
    list: ({ url, key, fetch }) =>
      fetch(`${url}/models?limit=1`, { headers: { 'x-api-key': key ?? '', 'anthropic-version': '2023-06-01' } }),
  },
  openai: { url: 'https://api.openai.com/v1', list: listByBearer },
  google: {
    url: 'https://generativelanguage.googleapis.com/v1beta',
    list: ({ url, key, fetch }) => fetch(`${url}/models?pageSize=1`, { headers: { 'x-goog-api-key': key ?? '' } }),
  },
  'openai-compatible': { url: null, list: listByBearer },
  ollama: { url: 'http://127.0.0.1:11434/v1', list: listByBearer },
} satisfies Record<string, VendorCalls>
