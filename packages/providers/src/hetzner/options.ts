import { type Api, openApi } from '../shared/api.ts'
import { type Patience, usualPatience } from '../shared/patience.ts'

/** What the provider needs to know of the world. */
export interface HetznerOptions {
  /** Of one project (HETZNER_TOKEN). */
  token: string
  /** Default: https://api.hetzner.cloud/v1 */
  url?: string | undefined
  /** Whose servers these are: several Spoqs may share a project, and each sees only its own. Letters, digits and dashes. */
  installation: string
  /** Default: ubuntu-24.04 */
  image?: string
  now: () => number
  patience?: Patience
}

export interface Hetzner extends Required<Omit<HetznerOptions, 'token' | 'url'>> {
  api: Api
}

export function open(options: HetznerOptions): Hetzner {
  const { token, url = 'https://api.hetzner.cloud/v1', patience = usualPatience, now } = options
  const api = openApi({
    service: 'Hetzner',
    url,
    keyName: 'HETZNER_TOKEN',
    authorize: async () => ({ authorization: `Bearer ${token}` }),
    explain: body => (body as { error?: { code?: string; message?: string } } | undefined)?.error ?? {},
    passing: ['locked', 'conflict', 'rate_limit_exceeded', 'resource_unavailable', 'placement_error', 'timeout'],
    refusing: {
      resource_limit_exceeded: 'its limit of servers is reached; ask Hetzner for a higher one, or end a machine.',
    },
    timeoutMs: patience.answerMs,
    now,
  })
  return { image: 'ubuntu-24.04', ...options, patience, api }
}
