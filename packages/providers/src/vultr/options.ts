import { type Api, openApi } from '../shared/api.ts'
import { type Patience, usualPatience } from '../shared/patience.ts'

/** What the provider needs to know of the world. */
export interface VultrOptions {
  /** Of one account (VULTR_API_KEY); the addresses that may use it stand in its list at Vultr. */
  key: string
  /** Default: https://api.vultr.com/v2 */
  url?: string | undefined
  /** Whose instances these are: several Spoqs may share an account, and each sees only its own. */
  installation: string
  /** By its name in Vultr's list. Default: Ubuntu 24.04 LTS x64 */
  os?: string
  now: () => number
  patience?: Patience
}

export interface Vultr extends Required<Omit<VultrOptions, 'key' | 'url'>> {
  api: Api
}

export function open(options: VultrOptions): Vultr {
  const { key, url = 'https://api.vultr.com/v2', patience = usualPatience, now } = options
  const api = openApi({
    service: 'Vultr',
    url,
    keyName: 'VULTR_API_KEY',
    authorize: async () => ({ authorization: `Bearer ${key}` }),
    explain,
    passing: ['locked'],
    timeoutMs: patience.answerMs,
    now,
  })
  return { os: 'Ubuntu 24.04 LTS x64', ...options, patience, api }
}

/** Errors have no codes, and one that passes by itself comes with a 500: `…: Server is currently locked`. */
function explain(body: unknown): { code?: string | undefined; message?: string | undefined } {
  const { error } = (body ?? {}) as { error?: string }
  return { code: /currently locked/i.test(String(error)) ? 'locked' : undefined, message: error }
}
