import * as account from '@spoq/contracts/account'
import * as backup from '@spoq/contracts/backup'
import * as connection from '@spoq/contracts/connection'
import * as credit from '@spoq/contracts/credit'
import * as device from '@spoq/contracts/device'
import * as domain from '@spoq/contracts/domain'
import * as ledger from '@spoq/contracts/ledger'
import * as login from '@spoq/contracts/login'
import * as machine from '@spoq/contracts/machine'
import * as modelCredit from '@spoq/contracts/model-credit'
import * as modelKey from '@spoq/contracts/model-key'
import * as name from '@spoq/contracts/name'
import { errorsOf } from '@spoq/contracts/openapi'
import * as plan from '@spoq/contracts/plan'
import * as policy from '@spoq/contracts/policy'
import * as pool from '@spoq/contracts/pool'
import { codes } from '@spoq/contracts/problem'
import * as profile from '@spoq/contracts/profile'
import * as provider from '@spoq/contracts/provider'
import * as release from '@spoq/contracts/release'
import * as setup from '@spoq/contracts/setup'
import * as snapshot from '@spoq/contracts/snapshot'
import { showSshGateway } from '@spoq/contracts/ssh'
import * as status from '@spoq/contracts/status'
import * as subscription from '@spoq/contracts/subscription'
import * as token from '@spoq/contracts/token'
import * as trust from '@spoq/contracts/trust'
import { expect, test } from 'vitest'
import { backendDocument } from './openapi.ts'
import { backendRoutes } from './routes.ts'

interface Operation {
  operationId: string
  security: object[]
  parameters: { name: string; in: string; required: boolean; schema: object }[]
  requestBody?: { content: Record<string, { schema: { properties?: object } }> }
  responses: Record<string, { description: string; content?: Record<string, { schema: { allOf?: object[] } }> }>
}
const document = backendDocument('https://spoq.example') as {
  openapi: string
  paths: Record<string, Record<string, Operation>>
}

/** What the contracts have for the backend: their routes that no Conductor serves. */
const contracts = Object.entries({
  ...account,
  ...backup,
  ...connection,
  ...credit,
  ...device,
  ...domain,
  ...ledger,
  ...login,
  ...machine,
  ...name,
  ...plan,
  ...policy,
  ...pool,
  ...profile,
  ...provider,
  ...release,
  ...setup,
  ...modelCredit,
  ...modelKey,
  ...snapshot,
  showSshGateway,
  ...status,
  ...subscription,
  ...token,
  ...trust,
}).filter(
  ([, value]) =>
    typeof value === 'object' && 'caller' in value && ['anyone', 'account', 'admin'].includes(value.caller as string),
)

test('every route of the contracts is in it, by its name and nothing else', () => {
  expect(contracts.length).toBeGreaterThan(10)
  expect(Object.keys(backendRoutes).sort()).toEqual(contracts.map(([name]) => name).sort())
  const operations = Object.values(document.paths).flatMap(path => Object.values(path))
  expect(operations.map(({ operationId }) => operationId).sort()).toEqual(contracts.map(([name]) => name).sort())
})

test.each(Object.entries(backendRoutes))(
  '%s has its parameters and a response for each of its errors',
  (name, route) => {
    const operation = document.paths[route.path]?.[route.method]
    if (!operation) throw new Error(`${name} is missing`)
    const braces = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter)
    const inPath = operation.parameters.filter(parameter => parameter.in === 'path')
    expect(inPath.map(({ name, required }) => [name, required])).toEqual(braces.map(parameter => [parameter, true]))
    const scopes = route.scope === 'any' ? [] : [route.scope]
    expect(operation.security).toEqual(route.caller === 'anyone' ? [] : [{ account: scopes }])
    expect(operation.requestBody !== undefined).toBe(route.body !== undefined)
    expect(operation.responses[String(route.status)]?.content !== undefined).toBe(route.status !== 204)
    for (const code of errorsOf(route)) {
      const schema = operation.responses[String(codes[code].http)]?.content?.['application/problem+json']?.schema
      expect(JSON.stringify(schema?.allOf?.[1])).toContain(`"${code}"`)
    }
  },
)

test('what is optional for the sender is optional there, in the form in which it is sent', () => {
  const all = document.paths['/api/machines']?.get?.parameters.find(({ name }) => name === 'all')
  expect(all).toMatchObject({ required: false, schema: { type: 'boolean' } })
})

test('it is plain JSON', () => {
  expect(JSON.parse(JSON.stringify(document))).toEqual(document)
  expect(document.openapi).toBe('3.1.0')
})
