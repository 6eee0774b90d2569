// Reading what came back: an answer of the contract's form, or the error it stands for.

import type { Route } from '@spoq/contracts/http'
import { fromProblem, problem, problemType, SpoqError } from '@spoq/contracts/problem'
import type { Dispatcher } from 'undici'
import type * as z from 'zod/mini'
import type { Target } from './target.ts'

export type Answer<R extends Route> = z.output<R['answer']>

/** The response, when it is no error. @throws SpoqError what the other side answered, or `clock_off` */
export async function checked(target: Target, response: Dispatcher.ResponseData): Promise<Dispatcher.ResponseData> {
  if (response.statusCode < 400) return response
  const error = await readProblem(target, response)
  throw error.status === 401 ? (clockError(target, response) ?? error) : error
}

async function readProblem(target: Target, response: Dispatcher.ResponseData): Promise<SpoqError> {
  const text = await readText(target, response)
  const type = String(response.headers['content-type'] ?? '')
  if (type.startsWith(problemType)) {
    const parsed = problem.safeParse(parseJson(text))
    if (parsed.success) return fromProblem(parsed.data)
  }
  return notSpoq(target, `${target.origin} answered ${response.statusCode}, not as Spoq does.`)
}

const notSpoq = (target: Target, message: string, cause?: unknown) =>
  new SpoqError(target.unreachable === 'server_unknown' ? 'server_not_spoq' : 'machine_unreachable', { message, cause })

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A refused token and a Date far from ours: the clock is the likelier fault. */
function clockError(target: Target, response: Dispatcher.ResponseData): SpoqError | undefined {
  const theirs = Date.parse(String(response.headers.date ?? ''))
  const minutes = Math.round((target.now() - theirs) / 60_000)
  if (Number.isNaN(minutes) || Math.abs(minutes) < 2) return undefined
  return new SpoqError('clock_off', {
    message: `This computer's clock is ${Math.abs(minutes)} minutes ${minutes > 0 ? 'ahead of' : 'behind'} ${target.origin}.`,
  })
}

/** The whole body; one that ends too early means that the other side went away. */
export async function readText(target: Target, { body }: Dispatcher.ResponseData): Promise<string> {
  try {
    return await body.text()
  } catch (cause) {
    if (!isNetworkFault(cause)) throw cause
    throw unreachable(target, cause)
  }
}

/** Validates an answer. Another shape than the contract's means another version, or something that is not Spoq. */
export function readAnswer<R extends Route>(target: Target, route: R, text: string): Answer<R> {
  try {
    return route.answer.parse(text === '' ? undefined : JSON.parse(text)) as Answer<R>
  } catch (cause) {
    throw notSpoq(target, `${target.origin} answered ${route.path} in a form that this version does not know.`, cause)
  }
}

/** Nobody is there, or went away. */
export const unreachable = (target: Target, cause: unknown) =>
  new SpoqError(target.unreachable, {
    cause,
    message:
      target.unreachable === 'server_unknown' ? `Nothing answers at ${target.origin}.` : 'The machine does not answer.',
  })

/** Node's and undici's faults of a connection have a code; a fault of ours has none, or one that says so. */
export function isNetworkFault(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' && !code.startsWith('UND_ERR_INVALID')
}
