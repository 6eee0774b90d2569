// The few requests that `spoq up` makes in place of the browser of this computer's owner.

import { open } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { createFirstAccount } from '@spoq/contracts/account'
import { SpoqError } from '@spoq/contracts/problem'
import { request } from 'undici'

export interface Owner {
  email: string
  name: string
  password: string
}

/** A signed-in browser: what it sends as Cookie. */
export type Cookie = string

/** Makes the first account. @throws SpoqError `setup_closed`, `token_invalid` */
export async function makeFirstAccount(backend: Target, token: string, owner: Owner): Promise<Cookie> {
  const response = await open(backend, createFirstAccount, { body: { token, ...owner } }, {})
  await response.body.dump()
  return cookieOf(response.headers)
}

/** Signs in as the sign-in page does. @throws SpoqError `wrong_password` */
export async function signInByPassword(server: string, { email, password }: Omit<Owner, 'name'>): Promise<Cookie> {
  const answer = await post(server, '/auth/sign-in', { email, password })
  const cookie = cookieOf(answer.headers)
  if (cookie === '') throw new SpoqError('wrong_password')
  return cookie
}

/** Approves a device's words as the page behind its address does. */
export async function approve(server: string, cookie: Cookie, words: string): Promise<void> {
  const { statusCode } = await post(server, '/auth/authorize', { code: words, decision: 'approve' }, cookie)
  if (statusCode >= 400)
    throw new SpoqError('forbidden', { message: `${server} did not take the approval (${statusCode}).` })
}

async function post(server: string, path: string, fields: Record<string, string>, cookie?: Cookie) {
  const response = await request(new URL(path, server), {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: server, ...(cookie ? { cookie } : {}) },
    body: JSON.stringify(fields),
  })
  await response.body.dump()
  return response
}

function cookieOf(headers: Record<string, string | string[] | undefined>): Cookie {
  return [headers['set-cookie'] ?? []]
    .flat()
    .map(line => line.split(';', 1)[0])
    .join('; ')
}
