import { completeChat, listOpenAiModels } from '@spoq/contracts/completion'
import type { Serve } from '../http/serve.ts'
import type { ModelOwner } from '../model/index.ts'
import { type Counter, complete } from './complete.ts'
import { models } from './models.ts'

/** Binds what other tools call. */
export function completionRoutes(serve: Serve, shop: Counter, owner: Pick<ModelOwner, 'list'>): void {
  serve(completeChat, ({ body, signal }) => complete(shop, body, signal))
  serve(listOpenAiModels, () => models(owner))
}
