// The operations of an OpenAPI document, as tests go through them.

export type Schema = Record<string, unknown>

export interface Operation {
  name: string
  method: string
  path: string
  caller: string
  /** What a token needs; null: the operation is open to all, or to every valid token. */
  scope: string | null
  /** The names in the braces of the path. */
  params: string[]
  parameters: { name: string; in: string; required: boolean; schema: Schema }[]
  body: Schema | undefined
  stream: boolean
}

interface Document {
  paths: Record<string, Record<string, Described>>
}
interface Described {
  operationId: string
  'x-caller': string
  security: { account?: string[] }[]
  parameters: Operation['parameters']
  requestBody?: { content: Record<string, { schema: Schema }> }
  responses: Record<string, { content?: Record<string, unknown> }>
}

/** Reads them from the document. */
export function operationsOf(document: unknown): Operation[] {
  return Object.entries((document as Document).paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => ({
      name: described.operationId,
      method,
      path,
      caller: described['x-caller'],
      scope: described.security[0]?.account?.[0] ?? null,
      params: [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string),
      parameters: described.parameters,
      body: described.requestBody?.content['application/json']?.schema,
      stream: Object.values(described.responses).some(({ content }) => content && 'text/event-stream' in content),
    })),
  )
}
