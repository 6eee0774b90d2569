import { setAccess, showAccess } from '@spoq/contracts/access'
import type { Serve } from '../http/serve.ts'
import type { Access } from './access.ts'

/** Binds what the backend alone may call. */
export function accessRoutes(serve: Serve, access: Access): void {
  serve(setAccess, ({ body }) => access.take(body))
  serve(showAccess, () => access.held())
}
