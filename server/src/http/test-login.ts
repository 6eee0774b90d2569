// For tests: who a request is from, without identity.

import { scopes } from '@spoq/contracts/token'
import type { Identified } from './serve.ts'

/** As a browser that is signed in: it may do everything. */
export const identifiedLogin = (account: string): Identified => ({
  account,
  login: null,
  scopes,
  expiresAt: null,
  limited: null,
})
