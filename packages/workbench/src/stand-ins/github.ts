// A stand-in for signing in with GitHub: the authorization page (here it says yes by itself), the token endpoint and the
// two calls about a person, under the paths of a GitHub of one's own (`/api/v3`). As the real one it answers errors of the
// token endpoint with status 200, and hides an e-mail address that is private.

import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { json, readForm, serveHttp } from './http.ts'
import { type Authorization, authorizations, type SignInApp } from './sign-in-app.ts'

export interface GithubPerson {
  id: number
  login: string
  name: string | null
  emails: { email: string; primary: boolean; verified: boolean; visibility: 'public' | 'private' | null }[]
}

export interface Github extends SignInApp<GithubPerson> {
  /** What it does instead of its work. `silent`: closes the connection; `odd`: answers what is no JSON. */
  trouble: 'none' | 'silent' | 'odd'
}

/** A person with one verified, private address. */
export function githubPerson(login: string, email: string, changed: { verified?: boolean } = {}): GithubPerson {
  const { verified = true } = changed
  const id = Number.parseInt(randomBytes(4).toString('hex'), 16)
  return { id, login, name: null, emails: [{ email, primary: true, verified, visibility: 'private' }] }
}

/** Starts it on a free port; set `redirectUri` and `person` before a browser comes. */
export async function startGithub(): Promise<Github> {
  const tokens = new Map<string, { person: GithubPerson; scopes: string[] }>()
  const codes = authorizations<GithubPerson>()
  const running = await serveHttp(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://here')
    if (github.trouble === 'silent') return void response.destroy()
    if (github.trouble === 'odd' && !pathname.endsWith('/authorize')) return void response.end('<h1>Unicorn!</h1>')
    github.asked.push(`${request.method} ${pathname}`)
    if (pathname === '/login/oauth/authorize') return codes.authorize(github, searchParams, response)
    if (pathname === '/login/oauth/access_token') return token(request, response)
    if (pathname.startsWith('/api/v3/user')) return user(pathname, request, response)
    json(response, 404, { message: 'Not Found' })
  })
  const github: Github = {
    ...running,
    clientId: 'Iv1.0123456789abcdef',
    clientSecret: 'a-secret-of-the-app',
    redirectUri: '',
    person: null,
    says: {},
    asked: [],
    trouble: 'none',
  }
  return github

  async function token(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = await readForm(request)
    const answer = tokenFor(form)
    // Without this header the real one answers a form.
    if (request.headers.accept?.includes('application/json')) return json(response, 200, answer)
    response.writeHead(200, { 'content-type': 'application/x-www-form-urlencoded' })
    response.end(new URLSearchParams(answer).toString())
  }

  function tokenFor(form: URLSearchParams): Record<string, string> {
    const refuse = (error: string, description: string) => ({ error, error_description: description, error_uri: 'x' })
    if (form.get('client_id') !== github.clientId || form.get('client_secret') !== github.clientSecret)
      return refuse('incorrect_client_credentials', 'The client_id and/or client_secret passed are incorrect.')
    const code = form.get('code') ?? ''
    const given: Authorization<GithubPerson> | undefined = codes.take(code, form)
    if (!given) return refuse('bad_verification_code', 'The code passed is incorrect or expired.')
    const secret = `gho_${randomBytes(18).toString('hex')}`
    tokens.set(secret, { person: given.person, scopes: given.scope.split(' ') })
    return { access_token: secret, token_type: 'bearer', scope: given.scope.replaceAll(' ', ','), ...github.says }
  }

  function user(pathname: string, request: IncomingMessage, response: ServerResponse): void {
    const [status, answer] = userFor(pathname, request.headers)
    json(response, status, answer)
  }

  function userFor(pathname: string, headers: IncomingMessage['headers']): [status: number, answer: unknown] {
    if (!headers['user-agent']) return [403, { message: 'Please make sure your request has a User-Agent header' }]
    const holder = tokens.get((headers.authorization ?? '').replace(/^(bearer|token) /i, ''))
    if (!holder) return [401, { message: 'Bad credentials' }]
    const { person, scopes } = holder
    const { id, login, name, emails } = person
    const shown = emails.find(({ visibility }) => visibility === 'public')?.email ?? null
    if (pathname === '/api/v3/user') return [200, { id, login, name, email: shown, type: 'User' }]
    const may = pathname === '/api/v3/user/emails' && scopes.includes('user:email')
    return may ? [200, emails] : [404, { message: 'Not Found' }]
  }
}
