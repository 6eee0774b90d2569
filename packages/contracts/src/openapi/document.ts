// The OpenAPI 3.1 document, made from the contracts' routes: nothing in it is written by hand.

import * as z from 'zod/mini'
import { openAiProblem, speaksOpenAi } from '../completion/index.ts'
import { idempotencyKeyHeader, type Route, requestIdForm, requestIdHeader } from '../http/index.ts'
import { codes, type ErrorCode, problem, problemType } from '../problem/index.ts'
import { loginScope } from '../token/index.ts'

type Json = Record<string, unknown>

export interface Described {
  title: string
  description: string
  /** Where it is served; `/`: where the document came from. */
  url: string
  /** Each route by its name in the contracts. */
  routes: Record<string, Route>
}

/** The document of a server of these routes. */
export function openapi({ title, description, url, routes }: Described): Json {
  const paths: Record<string, Json> = {}
  for (const [name, route] of Object.entries(routes))
    paths[route.path] = { ...paths[route.path], [route.method]: operation(name, route) }
  return {
    openapi: '3.1.0',
    info: { title, version: '1', description },
    servers: [{ url }],
    paths,
    components: {
      schemas: { Problem: jsonSchema(problem, 'output'), OpenAiProblem: jsonSchema(openAiProblem, 'output') },
      securitySchemes: { account: { type: 'http', scheme: 'bearer', bearerFormat: 'at+jwt' } },
    },
  }
}

function operation(operationId: string, route: Route): Json {
  return {
    operationId,
    'x-caller': route.caller,
    summary: route.summary,
    tags: [route.path.split('/')[2] ?? 'status'],
    security: needsToken(route) ? [{ account: scopesOf(route) }] : [],
    parameters: [...parameters('path', route.params), ...parameters('query', route.query), ...headers(route)],
    ...requestBody(route),
    responses: { [route.status]: success(route), ...failures(route) },
  }
}

function requestBody(route: Route): Json {
  if (route.takesBytes) return { requestBody: { required: true, content: bytes(route.takesBytes) } }
  return route.body ? { requestBody: { required: true, content: json(jsonSchema(route.body, 'input')) } } : {}
}

/** Through a machine's local socket none is needed; what is for that socket alone takes none. */
const needsToken = ({ caller }: Route) => caller !== 'anyone' && caller !== 'local'

/** What a token needs. A route that says nothing is for logins. */
const scopesOf = ({ scope = loginScope }: Route) => (scope === 'any' ? [] : [scope])

/** As they are meant (`output`: a number, a boolean), and needed where the sender must say them (`input`). */
function parameters(place: 'path' | 'query', shape: z.ZodMiniType | undefined): Json[] {
  if (!shape) return []
  const { properties = {} } = jsonSchema(shape, 'output') as { properties?: Record<string, Json> }
  const { required = [] } = jsonSchema(shape, 'input') as { required?: string[] }
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema,
  }))
}

function headers(route: Route): Json[] {
  const header = (name: string, schema: Json) => ({ name, in: 'header', required: false, schema })
  const all = [header(requestIdHeader, { type: 'string', pattern: requestIdForm.source })]
  if (route.status === 201) all.push(header(idempotencyKeyHeader, { type: 'string', minLength: 8, maxLength: 64 }))
  return all
}

function success(route: Route): Json {
  const description = route.stream ? 'Server-sent events, each of this shape.' : 'As asked.'
  if (route.status === 204) return { description: 'Done.' }
  if (route.answersBytes) return { description, content: bytes(route.answersBytes) }
  const schema = jsonSchema(route.answer, 'output')
  return { description, content: route.stream ? { 'text/event-stream': { schema } } : json(schema) }
}

/** One response a status; which codes come with it stands in the schema and in the description. */
function failures(route: Route): Record<string, Json> {
  const byStatus = Map.groupBy(errorsOf(route), code => codes[code].http)
  return Object.fromEntries(
    [...byStatus].map(([status, all]) => [
      String(status),
      {
        description: all.map(code => `\`${code}\`: ${codes[code].title}`).join(' '),
        content: speaksOpenAi(route.path)
          ? json(oneOf('OpenAiProblem', { error: { type: 'object', properties: { code: { enum: all } } } }))
          : { [problemType]: { schema: oneOf('Problem', { code: { enum: all } }) } },
      },
    ]),
  )
}

const oneOf = (component: string, properties: Json) => ({
  allOf: [{ $ref: `#/components/schemas/${component}` }, { properties }],
})

/** The route's own errors and those that any such route can answer. */
export function errorsOf(route: Route): ErrorCode[] {
  const signIn = ['not_signed_in', 'token_expired', 'token_invalid', 'login_revoked'] as const
  const input = ['invalid_request', 'too_large'] as const
  const ofMachine = ['member', 'local', 'backend'].includes(route.caller)
  return [
    ...new Set<ErrorCode>([
      ...route.errors,
      ...(route.caller === 'anyone' ? [] : signIn),
      ...(needsToken(route) && route.scope !== 'any' ? (['scope_missing'] as const) : []),
      ...(route.caller === 'admin' ? (['not_admin'] as const) : []),
      ...(ofMachine ? (['forbidden'] as const) : []),
      ...(route.params || route.query || route.body || route.takesBytes ? input : []),
      'unavailable',
      'internal',
    ]),
  ]
}

const bytes = (type: string) => ({ [type]: { schema: { type: 'string', format: 'binary' } } })

const json = (schema: Json) => ({ 'application/json': { schema } })

function jsonSchema(shape: z.ZodMiniType, io: 'input' | 'output'): Json {
  const { $schema: _, ...schema } = z.toJSONSchema(shape, { io, unrepresentable: 'any' })
  return schema
}
