// What the stand-ins of GitHub and Google share: an app that is registered there, and authorization codes with PKCE that
// work once.

import { createHash, randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { Running } from './http.ts'

/** An app as it is registered with a provider, and who is at its page. */
export interface SignInApp<Person> extends Running {
  clientId: string
  clientSecret: string
  /** The one address that it sends browsers back to. */
  redirectUri: string
  /** Who is signed in there, and says yes; null: says no. */
  person: Person | null
  /** What it answers differently from now on. */
  says: Record<string, string>
  /** Method and path of each request. */
  asked: string[]
}

export interface Authorization<Person> {
  person: Person
  scope: string
  nonce: string | null
  challenge: string
  redirectUri: string
}

/** Keeps codes, and gives each away once. */
export function authorizations<Person>() {
  const codes = new Map<string, Authorization<Person>>()
  return {
    /** The authorization page: sends the browser back with a code, or with a no. */
    authorize(app: SignInApp<Person>, asked: URLSearchParams, response: ServerResponse): void {
      const redirectUri = asked.get('redirect_uri') ?? ''
      const challenge = asked.get('code_challenge') ?? ''
      // A stranger's address is never redirected to: the person is told.
      const wrong = [
        asked.get('client_id') !== app.clientId && 'client_id',
        redirectUri !== app.redirectUri && `redirect_uri ${redirectUri}`,
        asked.get('response_type') !== 'code' && 'response_type',
        (asked.get('code_challenge_method') !== 'S256' || challenge.length !== 43) && 'code_challenge',
        !asked.get('state') && 'state',
      ].filter(Boolean)
      if (wrong.length > 0) return void response.writeHead(400).end(`wrong: ${wrong.join(', ')}`)
      const back = new URL(redirectUri)
      back.searchParams.set('state', asked.get('state') ?? '')
      if (app.person) {
        const code = randomBytes(10).toString('hex')
        const given = { scope: asked.get('scope') ?? '', nonce: asked.get('nonce'), challenge, redirectUri }
        codes.set(code, { person: app.person, ...given })
        back.searchParams.set('code', code)
      } else {
        back.searchParams.set('error', 'access_denied')
        back.searchParams.set('error_description', '<b>The user has denied your application access.</b>')
      }
      response.writeHead(302, { location: back.href }).end()
    },
    /** What a code stands for, when it comes with its verifier and its address; it works no more, either way. */
    take(code: string, form: URLSearchParams): Authorization<Person> | undefined {
      const given = codes.get(code)
      codes.delete(code)
      const proof = createHash('sha256')
        .update(form.get('code_verifier') ?? '')
        .digest('base64url')
      return given && proof === given.challenge && form.get('redirect_uri') === given.redirectUri ? given : undefined
    },
  }
}
