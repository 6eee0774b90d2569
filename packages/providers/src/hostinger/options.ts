import { type Api, openApi } from '../shared/api.ts'
import { type Patience, usualPatience } from '../shared/patience.ts'

/** What the provider needs to know of the world. */
export interface HostingerOptions {
  /** HOSTINGER_API_KEY */
  key: string
  /** Default: https://developers.hostinger.com */
  url?: string | undefined
  /** Whose servers these are: several Spoqs may share an account, and each sees only its own. Letters, digits and dashes. */
  installation: string
  /** A template's name, without `LTS`. Default: Ubuntu 24.04 */
  image?: string
  /** What a server is wiped with. It is another than any `image`, by which it is known. Default: Debian 12 */
  bareImage?: string
  now: () => number
  patience?: Patience
}

export interface Hostinger extends Required<Omit<HostingerOptions, 'key' | 'url'>> {
  api: Api
}

/** After a lost answer a person is called: not before the list has had more time than it should ever need. */
const hostingerPatience: Patience = { ...usualPatience, listLagMs: 180_000 }

export function open(options: HostingerOptions): Hostinger {
  const { key, url = 'https://developers.hostinger.com', patience = hostingerPatience, now } = options
  const { installation, image = 'Ubuntu 24.04', bareImage = 'Debian 12' } = options
  const api = openApi({
    service: 'Hostinger',
    url,
    keyName: 'HOSTINGER_API_KEY',
    // It wants a content type of every request, also of those without content.
    authorize: async () => ({ authorization: `Bearer ${key}`, 'content-type': 'application/json' }),
    explain: body => ({ message: (body as { message?: string } | undefined)?.message }),
    timeoutMs: patience.answerMs,
    now,
  })
  return { installation, image, bareImage, now, patience, api }
}
