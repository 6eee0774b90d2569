// The official OpenAPI document of a service, and whether a request or an answer is valid against it, every object
// closed: a field that the document does not know is a fault too. The documents are other people's and stand beside
// this project, not in it.

import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { at, type Converter, converter, type Json } from './schema.ts'

export interface Exchange {
  method: string
  /** Without the query, from where the document's paths start. */
  path: string
  query: URLSearchParams
  /** The query as one value, for documents that have it as one schema; then instead of `query`. */
  asked?: unknown
  body: unknown
}

export interface OfficialDocument {
  /** What is wrong with a request; nothing when it is valid. */
  request(exchange: Exchange): string[]
  /** What is wrong with an answer to it. */
  answer(exchange: Exchange, status: number, body: unknown): string[]
}

const folder = process.env.SPOQ_SPECS ?? resolve(import.meta.dirname, '../../../../../shared/specs')

/**
 * The document `NAME.json` in the folder that SPOQ_SPECS names; null, and a line that says so, where it is not there.
 * `amend` brings it up to date where it is known to be behind the service.
 */
export function officialDocument(name: string, amend: (document: Json) => void = () => {}): OfficialDocument | null {
  const file = join(folder, `${name}.json`)
  if (!existsSync(file)) {
    console.log(`skipped: requests are not held against the official document of ${name}; SPOQ_SPECS names its folder`)
    return null
  }
  const document = JSON.parse(readFileSync(file, 'utf8')) as Json
  amend(document)
  return checker(document)
}

function checker(document: Json): OfficialDocument {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false })
  addFormats.default(ajv)
  const convert = converter(document, (id, schema) => ajv.addSchema(schema, id, undefined, false))
  const operations = operationsOf(document)
  const compiled = new Map<Json, ValidateFunction>()

  function faults(what: string, schema: Json | undefined, value: unknown): string[] {
    if (!schema) return value === undefined ? [] : [`${what}: none is expected`]
    const validate = compiled.get(schema) ?? ajv.compile(convert.root(schema))
    compiled.set(schema, validate)
    if (validate(value)) return []
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${what}${instancePath} ${message} ${JSON.stringify(params)}`,
    )
  }

  return {
    request({ method, path, query, asked, body }) {
      const operation = operations.find(one => one.method === method && one.pattern.test(path))
      if (!operation) return [`${method} ${path}: no such operation`]
      const asks =
        asked === undefined
          ? queryFaults(operation.parameters, query, faults, convert)
          : faults('query', operation.query, asked)
      return [...asks, ...faults('body', operation.body, body)]
    },
    answer({ method, path }, status, body) {
      const operation = operations.find(one => one.method === method && one.pattern.test(path))
      const schema = operation?.answers(status)
      if (!operation || schema === undefined) return [`${method} ${path}: no answer ${status} is documented`]
      return schema === null ? [] : faults(`answer ${status}`, schema, body)
    },
  }
}

interface Operation {
  method: string
  pattern: RegExp
  parameters: Json[]
  query: Json | undefined
  body: Json | undefined
  /** Null: an answer without a shape; undefined: no such answer. */
  answers(status: number): Json | null | undefined
}

function operationsOf(document: Json): Operation[] {
  const deref = (value: Json): Json =>
    typeof value.$ref === 'string' ? deref(at(document, value.$ref) as Json) : value
  const all = Object.entries(document.paths as Json).flatMap(([path, item]) =>
    methods.flatMap(method => {
      const operation = (item as Json)[method] as Json | undefined
      if (!operation) return []
      const parameters = [...(((item as Json).parameters as Json[]) ?? []), ...((operation.parameters as Json[]) ?? [])]
      const answers = (operation.responses ?? {}) as Record<string, Json>
      return [
        {
          method: method.toUpperCase(),
          path,
          pattern: patternOf(path),
          parameters: [
            ...parameters.map(deref),
            ...queryParameters(operation['x-query-schema'] as Json | undefined, deref),
          ],
          query: operation['x-query-schema'] as Json | undefined,
          body: operation.requestBody ? jsonOf(deref(operation.requestBody as Json)) : undefined,
          answers: (status: number) => {
            const found = answers[status] ?? answers[`${String(status)[0]}xx`] ?? answers[`${String(status)[0]}XX`]
            const answer = found ?? answers.default
            return answer && (jsonOf(deref(answer)) ?? null)
          },
        },
      ]
    }),
  )
  // A path without parameters goes before one that has some in its place.
  return all.sort((a, b) => a.path.split('{').length - b.path.split('{').length)
}

/** Some documents have the query as one schema; what is nested in it is asked for as `name.exact`. */
function queryParameters(schema: Json | undefined, deref: (value: Json) => Json): Json[] {
  const nested = Object.entries((schema?.properties ?? {}) as Record<string, Json>)
  return nested.flatMap(([name, property]) => {
    const inner = deref(property)
    if (!inner.properties) return [{ in: 'query', name, schema: inner }]
    const parts = Object.entries(inner.properties as Record<string, Json>)
    return parts.map(([part, one]) => ({ in: 'query', name: `${name}.${part}`, schema: one }))
  })
}

const methods = ['get', 'post', 'put', 'patch', 'delete']
const patternOf = (path: string) => new RegExp(`^${path.replace(/[.+?]/g, '\\$&').replace(/\{[^}]+\}/g, '[^/]+')}/?$`)

function jsonOf({ content }: Json): Json | undefined {
  const kinds = (content ?? {}) as Record<string, { schema?: Json }>
  return (kinds['application/json'] ?? kinds['application/x-www-form-urlencoded'] ?? Object.values(kinds)[0])?.schema
}

function queryFaults(
  parameters: Json[],
  query: URLSearchParams,
  faults: (what: string, schema: Json | undefined, value: unknown) => string[],
  convert: Converter,
): string[] {
  const known = parameters.filter(({ in: where }) => where === 'query')
  const unknown = [...query.keys()].filter(key => !known.some(({ name }) => name === key || name === `${key}[]`))
  const missing = known.filter(({ name, required }) => required && !query.has(String(name)))
  const wrong = known.flatMap(({ name, schema }) => {
    const value = query.get(String(name))
    return value === null ? [] : faults(`query ${name}`, schema as Json, convert.fromText(schema as Json, value))
  })
  return [
    ...unknown.map(key => `query ${key}: unknown`),
    ...missing.map(({ name }) => `query ${name}: missing`),
    ...wrong,
  ]
}
