import { completeChat } from '@spoq/contracts/completion'
import type { Serve } from '../http/serve.ts'
import type { Workshop } from '../turn/index.ts'
import { complete } from './complete.ts'

/** Binds what other tools call. */
export function completionRoutes(serve: Serve, shop: Workshop): void {
  serve(completeChat, ({ body, signal }) => complete(shop, body, signal))
}
