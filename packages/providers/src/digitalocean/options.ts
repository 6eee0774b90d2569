import { type Api, openApi } from '../shared/api.ts'
import { type Patience, usualPatience } from '../shared/patience.ts'

/** What the provider needs to know of the world. */
export interface DigitalOceanOptions {
  /** Of one team (DIGITALOCEAN_TOKEN). It needs the scopes of droplets, actions, snapshots, regions, sizes and tags. */
  token: string
  /** Default: https://api.digitalocean.com */
  url?: string | undefined
  /** Whose droplets these are: several Spoqs may share an account, and each sees only its own. a-z, 0-9 and dashes. */
  installation: string
  /** Default: ubuntu-24-04-x64 */
  image?: string
  now: () => number
  patience?: Patience
}

export interface DigitalOcean extends Required<Omit<DigitalOceanOptions, 'token' | 'url'>> {
  api: Api
}

export function open(options: DigitalOceanOptions): DigitalOcean {
  const { token, url = 'https://api.digitalocean.com', patience = usualPatience, now, installation } = options
  // Tags that differ in case are one tag, spelt as whoever came first spelt it.
  if (!/^[a-z0-9-]{1,64}$/.test(installation)) throw new Error(`${installation}: a-z, 0-9 and dashes, at most 64.`)
  const api = openApi({
    service: 'DigitalOcean',
    url,
    keyName: 'DIGITALOCEAN_TOKEN',
    authorize: async () => ({ authorization: `Bearer ${token}` }),
    explain,
    passing: ['pending_event'],
    refusing: {
      droplet_limit: 'its limit of droplets is reached; ask DigitalOcean for a higher one, or end a machine.',
    },
    resetHeader: 'ratelimit-reset',
    timeoutMs: patience.answerMs,
    now,
  })
  return { image: 'ubuntu-24-04-x64', ...options, patience, api }
}

/** Its ids of errors say no more than the status does; two of them matter by what their words say. */
function explain(body: unknown): { code?: string | undefined; message?: string | undefined } {
  const { id, message } = (body ?? {}) as { id?: string; message?: string }
  if (/pending event/i.test(String(message))) return { code: 'pending_event', message }
  if (/droplet limit/i.test(String(message))) return { code: 'droplet_limit', message }
  return { code: id, message }
}
