// GitHub Actions as its jobs and its relying parties see it: the OIDC issuer with its keys, and the endpoint inside a job
// that makes ID tokens for an audience. Claims are those that GitHub documents.

import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'

const realIssuer = 'https://token.actions.githubusercontent.com'

export interface Repository {
  id: string
  /** `owner/name`; it can be given to another repository. */
  name: string
}

export interface Job {
  repository: Repository
  ref: string
  event: string
  /** What GitHub puts into the environment of a job with `id-token: write`. */
  environment: { ACTIONS_ID_TOKEN_REQUEST_URL: string; ACTIONS_ID_TOKEN_REQUEST_TOKEN: string; GITHUB_ACTIONS: string }
}

export interface GithubActions extends AsyncDisposable {
  /** The issuer's address. */
  url: string
  /** How often the keys were fetched. */
  keyFetches: number
  createRepository(name: string): Repository
  startJob(repository: Repository, job?: { ref?: string; event?: string }): Job
  /** The job is over: its request token works no more. */
  endJob(job: Job): void
  /** The ID token that the job would get, with claims and header changed where a test wants that. */
  idToken(
    job: Job,
    audience: string,
    change?: { claims?: JWTPayload; header?: object; by?: CryptoKey },
  ): Promise<string>
  /** A new key in place of the old one. */
  rotate(): Promise<void>
}

/** Starts it on a free port of this computer. */
export async function startGithubActions(): Promise<GithubActions> {
  const jobs = new Map<string, Job>()
  let nextId = 700_000_000
  let runs = 9_000_000_000
  let key = await newKey()
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const github: GithubActions = {
    url,
    keyFetches: 0,
    createRepository: name => ({ id: String(++nextId), name }),
    startJob(repository, { ref = 'refs/heads/main', event = 'push' } = {}) {
      const requestToken = randomUUID()
      const job = {
        repository,
        ref,
        event,
        environment: {
          // GitHub's address has a query already, to which the audience is added.
          ACTIONS_ID_TOKEN_REQUEST_URL: `${url}/job/idtoken?api-version=2.0`,
          ACTIONS_ID_TOKEN_REQUEST_TOKEN: requestToken,
          GITHUB_ACTIONS: 'true',
        },
      }
      jobs.set(requestToken, job)
      return job
    },
    endJob: job => void jobs.delete(job.environment.ACTIONS_ID_TOKEN_REQUEST_TOKEN),
    idToken(job, audience, { claims, header, by } = {}) {
      const { privateKey, kid } = key
      return new SignJWT({ ...claimsOf(job, audience, String(++runs)), ...claims })
        .setProtectedHeader({ typ: 'JWT', alg: 'RS256', kid, ...header })
        .sign(by ?? privateKey)
    },
    rotate: async () => {
      key = await newKey()
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
  return github

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', url)
    const json = (status: number, value: unknown) =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
    if (pathname === '/.well-known/openid-configuration')
      return json(200, { issuer: realIssuer, jwks_uri: `${url}/.well-known/jwks` })
    if (pathname === '/.well-known/jwks') {
      github.keyFetches += 1
      return json(200, { keys: [key.publicJwk] })
    }
    if (pathname !== '/job/idtoken') return json(404, { message: 'Not Found' })
    const job = jobs.get(request.headers.authorization?.replace(/^bearer /i, '') ?? '')
    if (!job) return json(401, { message: 'The job is not running.' })
    const audience = searchParams.get('audience') ?? `https://github.com/${job.repository.name.split('/')[0]}`
    return json(200, { value: await github.idToken(job, audience) })
  }
}

async function newKey() {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true })
  const kid = randomUUID()
  return { privateKey, kid, publicJwk: { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' } }
}

function claimsOf({ repository, ref, event }: Job, audience: string, run: string): JWTPayload {
  const [owner = ''] = repository.name.split('/')
  const now = Math.floor(Date.now() / 1_000)
  return {
    jti: randomUUID(),
    sub: `repo:${repository.name}:${event === 'pull_request' ? 'pull_request' : `ref:${ref}`}`,
    aud: audience,
    ref,
    ref_type: ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    ref_protected: 'false',
    sha: '0123456789abcdef0123456789abcdef01234567',
    repository: repository.name,
    repository_id: repository.id,
    repository_owner: owner,
    repository_owner_id: '4242',
    repository_visibility: 'private',
    actor: owner,
    actor_id: '4242',
    event_name: event,
    head_ref: event.startsWith('pull_request') ? 'topic' : '',
    base_ref: event.startsWith('pull_request') ? 'main' : '',
    run_id: run,
    run_number: '1',
    run_attempt: '1',
    runner_environment: 'github-hosted',
    workflow: 'ci',
    workflow_ref: `${repository.name}/.github/workflows/ci.yml@${ref}`,
    job_workflow_ref: `${repository.name}/.github/workflows/ci.yml@${ref}`,
    iss: realIssuer,
    nbf: now - 600,
    iat: now,
    exp: now + 300,
  }
}
