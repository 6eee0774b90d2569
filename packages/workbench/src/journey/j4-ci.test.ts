// J4: scripts and CI, with nobody present. A token, or what GitHub Actions makes for a job, through real processes.

import { existsSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type GithubActions, startGithubActions } from '../stand-ins/github-actions.ts'
import { type Computer, newComputer } from './computer.ts'
import { type Home, type Ran, startHome } from './home.ts'

let github: GithubActions
let home: Home
let ci: Computer

beforeAll(async () => {
  github = await startGithubActions()
  home = await startHome({ environment: { GITHUB_OIDC_URL: github.url } })
  ci = newComputer(home.server)
}, 120_000)
afterAll(async () => {
  ci.remove()
  await home.close()
  await github[Symbol.asyncDispose]()
})

const json = ({ stdout }: Ran) => JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')
const leavesNothing = () => expect(existsSync(`${ci.dataDir}/cli`)).toBe(false)

async function makeToken(...args: string[]): Promise<{ token: { id: string }; secret: string }> {
  const made = await home.spoq(['token', 'create', '--name', 'ci', '--json', ...args])
  expect(made).toMatchObject({ status: 0, stderr: '' })
  return json(made)
}

test('a token asks and runs from a computer that knows nothing, and leaves nothing there', async () => {
  const { secret } = await makeToken('--scope', 'machine:read,machine:use')
  const environment = { SPOQ_TOKEN: secret, CI: 'true' }
  const ran = await ci.spoq(['run', '--', 'sh', '-c', 'echo here; exit 3'], { environment })
  expect(ran).toEqual({ status: 3, stdout: 'here\n', stderr: '' })
  const asked = await ci.spoq(['ask', '--json', '--model', 'demo', 'count 3'], { environment })
  expect({ status: asked.status, last: json(asked).type }).toEqual({ status: 0, last: 'turn.done' })
  const who = await ci.spoq(['whoami', '--json'], { environment })
  expect(json(who)).toMatchObject({
    account: { id: expect.any(String) },
    credential: { kind: 'token', name: 'ci', scopes: ['machine:read', 'machine:use'] },
  })
  expect(json(who).account).not.toHaveProperty('email')
  for (const { stdout, stderr } of [ran, asked, who]) expect(stdout + stderr).not.toContain(secret)
  leavesNothing()
})

test('the history of a machine says which token changed it', async () => {
  const { token, secret } = await makeToken('--scope', 'machine:read,machine:write')
  for (const verb of ['stop', 'start'])
    expect(await ci.spoq(['machine', verb], { environment: { SPOQ_TOKEN: secret } })).toMatchObject({ status: 0 })
  const { history } = json(await home.spoq(['machine', 'show', '--json']))
  const byToken = history.filter(({ credential }: { credential: string | null }) => credential === token.id)
  expect(byToken.map(({ action }: { action: string }) => action)).toEqual(['machine.stop', 'machine.start'])
  expect((await home.spoq(['machine', 'show'])).stdout).toContain(token.id)
})

test('what a token may not do is refused by the name of the scope, here and on the machine', async () => {
  const { secret } = await makeToken('--scope', 'machine:read', '--machine', home.machine.name)
  const environment = { SPOQ_TOKEN: secret }
  const status = await ci.spoq(['status', '--machine', home.machine.name, '--json'], { environment })
  expect(json(status)).toMatchObject({ conductor: { machine: home.machine.id } })
  for (const [args, scope] of [
    [['run', '--', 'true'], 'machine:use'],
    [['ask', 'hello'], 'machine:use'],
    [['model', 'use', 'demo'], 'machine:write'],
    [['machine', 'stop'], 'machine:write'],
    [['token', 'list'], 'account:read'],
    [['token', 'create', '--name', 'more', '--scope', 'machine:use'], 'security:write'],
  ] as const) {
    const [word = '', ...rest] = args
    const said = await ci.spoq(word === 'run' ? ['run', '--json', ...rest] : [...args, '--json'], { environment })
    expect({ args, status: said.status, ...json(said).error }).toMatchObject({
      args,
      status: 3,
      code: 'scope_missing',
      message: expect.stringContaining(scope),
    })
  }
})

test('a token that was revoked or mistyped is refused, and never shown', async () => {
  const { token, secret } = await makeToken('--scope', 'machine:read,machine:use', '--expires', '1h')
  expect((await home.spoq(['token', 'revoke', token.id])).status).toBe(0)
  for (const wrong of [secret, `${secret}x`, secret.slice(0, 20)]) {
    const ran = await ci.spoq(['run', '--json', '--', 'true'], { environment: { SPOQ_TOKEN: wrong } })
    expect({ status: ran.status, code: json(ran).error.code }).toEqual({ status: 3, code: 'token_invalid' })
    expect(ran.stdout + ran.stderr).not.toContain(wrong)
  }
  const listed = await home.spoq(['token', 'list', '--json'])
  expect(listed.stdout).not.toContain(token.id)
  expect(listed.stdout).not.toContain('spoq_pat_')
})

test('a GitHub Actions job needs no secret: its own token is traded for one of 15 minutes', async () => {
  const repository = github.createRepository('ada/site')
  const add = ['trust', 'add', '--repository-id', repository.id, '--ref', 'refs/heads/main']
  const added = await home.spoq([...add, '--scope', 'machine:read,machine:use', '--json'])
  const { trust } = json(added)
  const job = github.startJob(repository)
  const named: Record<string, string> = { SPOQ_TRUST: trust.id }
  for (const more of [{}, named]) {
    const environment: Record<string, string> = { ...job.environment, ...more }
    const ran = await ci.spoq(['run', '--', 'sh', '-c', 'exit 4'], { environment })
    expect(ran).toEqual({ status: 4, stdout: '', stderr: '' })
  }
  const who = json(await ci.spoq(['whoami', '--json'], { environment: job.environment }))
  expect(who.credential).toMatchObject({ kind: 'trust', id: trust.id })
  expect(Date.parse(who.credential.expiresAt) - Date.now()).toBeLessThanOrEqual(900_000)
  leavesNothing()

  const code = async (environment: Record<string, string>) => {
    const ran = await ci.spoq(['run', '--json', '--', 'true'], { environment })
    return [ran.status, json(ran).error.code]
  }
  const fork = github.startJob(repository, { ref: 'refs/pull/1/merge', event: 'pull_request' })
  expect(await code(fork.environment)).toEqual([3, 'trust_missing'])
  expect(await code(github.startJob(github.createRepository('ada/site')).environment)).toEqual([3, 'trust_missing'])
  github.endJob(job)
  expect(await code(job.environment)).toEqual([3, 'not_signed_in'])
  await home.spoq(['trust', 'remove', trust.id])
  expect(await code(github.startJob(repository).environment)).toEqual([3, 'trust_missing'])
})
