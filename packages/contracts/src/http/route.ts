import type * as z from 'zod/mini'
import type { ErrorCode } from '../problem/index.ts'
import type { Scope } from '../token/scope.ts'

/** Who may call a route. The server and the Conductor enforce it; the OpenAPI document and the access tests are made from it. */
export type Caller =
  /** Nobody has to be signed in. */
  | 'anyone'
  /** A signed-in account; what it names must be its own. */
  | 'account'
  /** A signed-in account that runs this server. */
  | 'admin'
  /** On a machine: a member of its access list through the edge, or anybody through the local socket. */
  | 'member'
  /** On a machine: only through the local socket. */
  | 'local'
  /** On a machine: its own backend alone, through the edge. */
  | 'backend'
  /** A gateway of this computer, through the backend's private socket. In no document: nothing outside reaches it. */
  | 'gateway'

/** One route of the backend or of a Conductor, as plain data: the server, the client and the OpenAPI document read it. */
export interface Route<
  Params extends z.ZodMiniType = z.ZodMiniType,
  Query extends z.ZodMiniType = z.ZodMiniType,
  Body extends z.ZodMiniType = z.ZodMiniType,
  Answer extends z.ZodMiniType = z.ZodMiniType,
> {
  method: 'get' | 'post' | 'put' | 'delete'
  /** With parameters in braces: `/api/machines/{machine}`. */
  path: string
  /** One sentence; it stands in the OpenAPI document. */
  summary: string
  caller: Caller
  /**
   * What a token needs for it; `any`: nothing but to be valid. Each route for `account` or `member` says it; where it is
   * missing only a login may call.
   */
  scope?: Scope | 'machine:configure' | 'machine:archive' | 'any'
  params?: Params
  query?: Query
  body?: Body
  /** What is answered when all went well: the status, and the shape of the JSON (or of one server-sent event). */
  status: 200 | 201 | 202 | 204
  answer: Answer
  /** The answer is a stream of server-sent events, each one `answer`. */
  stream?: true
  /** The answer is bytes of this media type, as they come; `answer` is a ReadableStream. */
  answersBytes?: string
  /** The body is bytes of this media type, without a limit; there is no `body` then. */
  takesBytes?: string
  /** The codes this route answers beside the ones any route can. */
  errors: readonly ErrorCode[]
}

/** Keeps the exact types of a route's shapes, and whether it streams. */
export function route<
  P extends z.ZodMiniType,
  Q extends z.ZodMiniType,
  B extends z.ZodMiniType,
  A extends z.ZodMiniType,
  S extends true | undefined,
>(definition: Route<P, Q, B, A> & { stream?: S }): Route<P, Q, B, A> & { stream: S } {
  return definition as Route<P, Q, B, A> & { stream: S }
}

/** Fills the braces of a route's path, each value escaped. */
export function pathOf(template: string, params: Record<string, string | number> = {}): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name]
    if (value === undefined) throw new TypeError(`no value for {${name}} in ${template}`)
    return encodeURIComponent(value)
  })
}
