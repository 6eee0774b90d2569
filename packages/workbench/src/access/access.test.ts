// Every route x every caller, generated from the OpenAPI documents: a new route is tested by being there, and one that
// nobody decided about fails. Team members are not callers yet: there are no teams.

import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathOf, type Route } from '@spoq/contracts/http'
import { type TokenScope, tokenScopes } from '@spoq/contracts/token'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { allRoutes } from './contracts.ts'
import { type Operation, operationsOf } from './operations.ts'
import { type Person, startWorld, type World } from './world.ts'

console.log('access: no column for team member, since there are no teams yet')

/** The routes that ask for nobody, and those for every valid token: each is a decision, made here by name. */
const open = ['createFirstAccount', 'listPlans', 'health', 'readiness', 'askPasswordReset', 'confirmPasswordReset']
/** What a server fetches and says before it is anybody's; the reports have a token of their own. */
open.push('showPolicy', 'showRelease', 'fetchRelease', 'reportSetup')
const anyToken = ['showCredential']

/** How one is kept out, whatever the request says. */
const gate = ['not_signed_in', 'token_invalid', 'token_expired', 'login_revoked', 'forbidden', 'scope_missing']

/** Parts of a path that are no id: each account has its own of that name, or asks about it. Where they are listed. */
const names = ['vendor', 'name', 'policy']
const lists = ['/api/model-keys', '/api/machines']
/** Routes that say nothing but whether something is there, to whoever asks. */
const telling = ['checkName', 'showPolicy']

/** What is sent where an empty body would be refused before anybody looks whose it is. */
const bodies: Record<string, object> = {
  renameMachine: { name: 'stolen-otter' },
  renameDevice: { name: 'stolen' },
  resizeMachine: { size: 'cx33' },
  givePlan: { email: 'root@example.com', plan: null, reason: 'a test' },
  giveCredit: { email: 'root@example.com', cents: 1, reason: 'a test' },
  topUpCredit: { cents: 500, method: 'card' },
  setModelCredit: { on: false },
  subscribe: { plan: 'pro' },
  changeSubscription: { plan: 'pro' },
  createConnection: { address: '127.0.0.1', port: 9 },
}

const get = async (path: string, headers: object) =>
  (await fetch(`${world.url}${path}`, { headers: { ...headers } })).text()

const routes = await allRoutes()
let ahead = 0
let world: World
let owner: Person
let other: Person
/** Who runs this server. */
let admin: Person
let backendOperations: Operation[]
/** A machine of the owner's, its Conductor and what that says of itself. */
let machine: string
let edge: string
let conductorOperations: Operation[]

beforeAll(async () => {
  world = await startWorld(undefined, () => Date.now() + ahead)
  owner = await world.register('olivia')
  other = await world.register('mallory')
  admin = await world.registerAdmin()
  backendOperations = operationsOf(await (await fetch(`${world.url}/openapi.json`)).json())
  machine = await owner.make('machine')
  edge = await world.startEdge(owner, machine)
  const headers = bearer(await world.machineToken(owner, machine))
  conductorOperations = operationsOf(await (await fetch(`${edge}/openapi.json`, { headers })).json())
})
/** Each test has the requests of a minute of its own: there are more routes than one may ask for without an account. */
beforeEach(() => {
  ahead += 61_000
})
afterAll(() => world[Symbol.asyncDispose]())

/** Each comes from elsewhere: an address may ask for so much a minute. */
let sent = 0
const from = () => ({ 'x-forwarded-for': `10.1.${(sent >> 8) & 255}.${sent++ & 255}` })

async function send(base: string, { name, method, path }: Operation, params: Record<string, string>, headers: object) {
  const response = await fetch(`${base}${pathOf(path, params)}`, {
    method: method.toUpperCase(),
    headers: { 'content-type': 'application/json', ...from(), ...headers },
    ...(method === 'get' ? {} : { body: JSON.stringify(bodies[name] ?? {}) }),
    signal: AbortSignal.timeout(20_000),
  })
  const text = await response.text()
  return { status: response.status, text, ...(readCode(text) as { code?: string; detail?: string }) }
}

function readCode(text: string): object {
  try {
    // Below /v1/ errors have the form of OpenAI.
    const { code, detail, error } = JSON.parse(text)
    return { code: code ?? error?.code, detail: detail ?? error?.message }
  } catch {
    return {}
  }
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const allBut = (scope: string | null) => tokenScopes.filter(one => one !== scope)

/** All that a path names, each made anew for its owner. */
async function ownThings({ params }: Operation, of: Person): Promise<Record<string, string>> {
  const made: Record<string, string> = {}
  for (const name of params) made[name] = await of.make(name, made)
  return made
}

async function eachOfBackend(check: (operation: Operation, params: Record<string, string>) => Promise<void>) {
  for (const operation of backendOperations) await check(operation, await ownThings(operation, owner))
}

test('every route of the contracts is in one of the documents, and says what it asks for', () => {
  const documented = [...backendOperations, ...conductorOperations].map(({ name }) => name)
  const outside = Object.keys(routes).filter(name => routes[name]?.caller !== 'gateway')
  expect([...new Set(documented)].sort()).toEqual(outside.sort())
  for (const [name, { caller, scope }] of Object.entries(routes) as [string, Route][]) {
    if (caller === 'anyone') expect(open, `${name} is open to anyone`).toContain(name)
    else if (scope === 'any') expect(anyToken, `${name} takes any token`).toContain(name)
    else if (caller !== 'local' && caller !== 'gateway') expect(scope, `${name} has no scope`).toBeDefined()
  }
})

test('routes are defined in the contracts alone, so that none is served beside them', () => {
  const root = resolve(import.meta.dirname, '../../../..')
  const sources = globSync('{server,packages/conductor}/src/**/*.ts', { cwd: root }).filter(file => !/test/.test(file))
  const defining = sources.filter(file =>
    /\broute\(\{|\bapp\.(get|post|put|delete)\(/.test(readFileSync(join(root, file), 'utf8')),
  )
  expect(defining).toEqual([])
})

test('nobody', () =>
  eachOfBackend(async (operation, params) => {
    const { status, code } = await send(world.url, operation, params, {})
    if (operation.caller === 'anyone')
      expect([operation.name, code === 'not_signed_in']).toEqual([operation.name, false])
    else expect([operation.name, status, code]).toEqual([operation.name, 401, 'not_signed_in'])
  }))

test('the owner, signed in by a browser: what is theirs is there', () =>
  eachOfBackend(async (operation, params) => {
    if (operation.caller === 'anyone' || operation.caller === 'admin') return
    const { status, code } = await send(world.url, operation, params, owner.headers)
    expect([operation.name, gate.includes(code ?? ''), status === 404, status < 500]).toEqual([
      operation.name,
      false,
      false,
      true,
    ])
  }))

test('an account, however it came, is not let in where those who run the server are, and they are', async () => {
  const ours = backendOperations.filter(({ caller }) => caller === 'admin')
  expect(ours.length).toBeGreaterThan(0)
  bodies.settleTopUp = { topUp: await world.review(owner), cents: 500, reason: 'a test' }
  for (const operation of ours) {
    expect(operation.path).toMatch(/^\/api\/admin\//)
    const { status, code } = await send(world.url, operation, {}, owner.headers)
    expect([operation.name, status, code]).toEqual([operation.name, 403, 'not_admin'])
    expect([200, 201]).toContain((await send(world.url, operation, {}, admin.headers)).status)
    const token = await admin.token(tokenScopes)
    expect(await send(world.url, operation, {}, bearer(token))).toMatchObject({ status: 403, code: 'scope_missing' })
  }
})

test('who runs the server sees nothing of an account by it', () =>
  eachOfBackend(async (operation, params) => {
    if (operation.caller !== 'account' || operation.params.every(name => names.includes(name))) return
    const { status, code } = await send(world.url, operation, params, admin.headers)
    expect([operation.name, status, code]).toEqual([operation.name, 404, expect.stringMatching(/_not_found$/)])
  }))

test('another account: nothing of the owner is there, and nothing is told', () =>
  eachOfBackend(async (operation, params) => {
    if (operation.caller === 'anyone') return
    const { status, code, text } = await send(world.url, operation, params, other.headers)
    const ids = Object.entries(params).filter(([name]) => !names.includes(name))
    if (ids.length > 0)
      expect([operation.name, status, code]).toEqual([operation.name, 404, expect.stringMatching(/_not_found$/)])
    for (const secret of [owner.account, owner.email, ...ids.map(([, id]) => id)])
      expect(text, operation.name).not.toContain(secret)
  }))

test("what is found by a name is everybody's own: another account neither sees nor changes the owner's", async () => {
  const named = backendOperations.filter(({ params }) => params.some(name => names.includes(name)))
  expect(named.length).toBeGreaterThan(0)
  for (const operation of named) {
    const params = await ownThings(operation, owner)
    const seen = async () => JSON.stringify(await Promise.all(lists.map(path => get(path, owner.headers))))
    const before = await seen()
    const { status } = await send(world.url, operation, params, other.headers)
    const expected = telling.includes(operation.name) ? [200] : [400, 404]
    expect([operation.name, expected.includes(status)]).toEqual([operation.name, true])
    expect(await seen(), operation.name).toBe(before)
  }
})

test("a machine's token is none for the backend", async () => {
  const token = await world.machineToken(owner, await owner.make('machine'))
  await eachOfBackend(async (operation, params) => {
    if (operation.caller === 'anyone') return
    const { status, code } = await send(world.url, operation, params, bearer(token))
    expect([operation.name, status, code]).toEqual([operation.name, 401, 'token_invalid'])
  })
})

test('a token with every scope but the one it needs', () =>
  eachOfBackend(async (operation, params) => {
    if (operation.caller === 'anyone') return
    const token = await owner.token(allBut(operation.scope))
    const { status, code, detail } = await send(world.url, operation, params, bearer(token))
    if (operation.scope === null) return expect([operation.name, status]).toEqual([operation.name, 200])
    expect([operation.name, status, code]).toEqual([operation.name, 403, 'scope_missing'])
    expect(detail).toContain(operation.scope)
  }))

test('a token with that scope alone gets in; no token has what is for logins', () =>
  eachOfBackend(async (operation, params) => {
    const { scope, name } = operation
    if (scope === null || operation.caller === 'anyone') return
    if (!(tokenScopes as readonly string[]).includes(scope))
      return expect([name, scope]).toEqual([name, 'security:write'])
    const { status, code } = await send(world.url, operation, params, bearer(await owner.token([scope as TokenScope])))
    expect([name, gate.includes(code ?? ''), status === 404]).toEqual([name, false, false])
  }))

test('a token for one machine does nothing to another, and sees no other', async () => {
  const token = await owner.token(tokenScopes, await owner.make('machine'))
  await eachOfBackend(async (operation, params) => {
    if (!operation.scope?.startsWith('machine:')) return
    const { status, code, text } = await send(world.url, operation, params, bearer(token))
    if (params.machine) expect([operation.name, status, code]).toEqual([operation.name, 404, 'machine_not_found'])
    else if (operation.scope !== 'machine:read')
      expect([operation.name, code]).toEqual([operation.name, 'scope_missing'])
    else {
      // What lists no machines names none either.
      const { machines } = JSON.parse(text)
      if (machines) expect(machines, operation.name).toHaveLength(1)
      else expect(text, operation.name).not.toContain('mach_')
    }
  })
})

test('a Conductor: nobody, its owner, another account, a token of the backend, too little scope', async () => {
  const callers = {
    owner: bearer(await world.machineToken(owner, machine)),
    another: bearer(await world.machineToken(other, await other.make('machine'))),
    "the owner's for another machine": bearer(await world.machineToken(owner, await owner.make('machine'))),
    'a personal access token': bearer(await owner.token(tokenScopes)),
  }
  for (const operation of conductorOperations) {
    const { name, params, caller, scope } = operation
    if (caller === 'anyone') continue
    const ids = Object.fromEntries(params.map(one => [one, `${short[one] ?? one}_0123456789abcdef0123`]))
    const ask = async (headers: object) => {
      const { status, code } = await send(edge, operation, ids, headers)
      return [name, status, code]
    }
    expect(await ask({})).toEqual([name, 401, 'not_signed_in'])
    expect(await ask(callers.another)).toEqual([name, 403, 'forbidden'])
    expect(await ask(callers["the owner's for another machine"])).toEqual([name, 403, 'forbidden'])
    expect((await ask(callers['a personal access token'])).slice(0, 2)).toEqual([name, 401])
    if (caller === 'local' || caller === 'backend') {
      expect(await ask(callers.owner)).toEqual([name, 403, 'forbidden'])
      continue
    }
    const [, status, code] = await ask(callers.owner)
    expect([name, gate.includes(String(code)), code === 'not_found', Number(status) < 500]).toEqual([
      name,
      false,
      false,
      true,
    ])
    const little = allBut(scope).filter(one => one.startsWith('machine:'))
    expect(await ask(bearer(await world.machineToken(owner, machine, little)))).toEqual([name, 403, 'scope_missing'])
  }
})

const short: Record<string, string> = { session: 'sess', request: 'req', approval: 'appr' }
