import { setAccess, showAccess } from '@spoq/contracts/access'
import type { Serve } from '../http/serve.ts'
import type { Messages } from '../message/index.ts'
import type { Access } from './access.ts'

/** Binds what the backend alone may call. */
export function accessRoutes(serve: Serve, access: Access, messages: Pick<Messages, 'counts'>): void {
  serve(setAccess, async ({ body }) => ({ ...(await access.take(body)), messages: messages.counts() }))
  serve(showAccess, () => ({ ...access.held(), messages: messages.counts() }))
}
