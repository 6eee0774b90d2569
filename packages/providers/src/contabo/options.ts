import { randomUUID } from 'node:crypto'
import { type Api, openApi } from '../shared/api.ts'
import { type Patience, usualPatience } from '../shared/patience.ts'
import { openTokens } from './token.ts'

/** What the provider needs to know of the world. */
export interface ContaboOptions {
  /** CONTABO_CLIENT_ID and CONTABO_CLIENT_SECRET */
  clientId: string
  clientSecret: string
  /** CONTABO_API_USER and CONTABO_API_PASSWORD: of the API, not of the customer's own login. */
  user: string
  password: string
  /** Default: https://api.contabo.com */
  url?: string | undefined
  /** Where tokens come from: a host, or the whole address. Default: https://auth.contabo.com */
  authUrl?: string | undefined
  /** Whose servers these are: several Spoqs may share an account, and each sees only its own. Letters, digits and dashes. */
  installation: string
  /** A standard image's name. Default: ubuntu-24.04 */
  image?: string
  /** The first contract, in months: 1, 3, 6 or 12. Default: 1 */
  period?: 1 | 3 | 6 | 12
  now: () => number
  /** A UUID of version 4: each request carries one. */
  uuid?: () => string
  patience?: Patience
}

export interface Contabo extends Required<Pick<ContaboOptions, 'installation' | 'image' | 'period' | 'now'>> {
  api: Api
  patience: Patience
}

/** The variables of the key, as a person who has to check them reads them. */
const keyName = 'CONTABO_CLIENT_ID, CONTABO_CLIENT_SECRET, CONTABO_API_USER and CONTABO_API_PASSWORD'

/** A server too many is paid for a month: its list gets more time to show one than it should ever need. */
const contaboPatience: Patience = { ...usualPatience, listLagMs: 120_000 }

export function open(options: ContaboOptions): Contabo {
  const { url = 'https://api.contabo.com', patience = contaboPatience, uuid = randomUUID, now } = options
  const { installation, image = 'ubuntu-24.04', period = 1 } = options
  const token = openTokens({ ...options, keyName, patience })
  const api = openApi({
    service: 'Contabo',
    url,
    keyName,
    authorize: async refused => {
      const authorization = `Bearer ${await token(refused?.authorization?.slice('Bearer '.length))}`
      return { authorization, 'x-request-id': uuid() }
    },
    explain: explained,
    // A server that something else is being done with.
    passing: ['409'],
    timeoutMs: patience.answerMs,
    now,
  })
  return { installation, image, period, now, patience, api }
}

/** `{statusCode, message}`, the message a text or several. */
function explained(body: unknown) {
  const { statusCode, message } = (body ?? {}) as { statusCode?: unknown; message?: unknown }
  return {
    code: statusCode === undefined ? undefined : String(statusCode),
    message: message === undefined ? undefined : [message].flat().map(String).join('; '),
  }
}
