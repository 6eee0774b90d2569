import { completeChat, listOpenAiModels } from '@spoq/contracts/completion'
import type { Serve } from '../http/serve.ts'
import type { ModelOwner } from '../model/index.ts'
import type { Workshop } from '../turn/index.ts'
import { complete } from './complete.ts'
import { models } from './models.ts'

/** Binds what other tools call. */
export function completionRoutes(serve: Serve, shop: Workshop, owner: Pick<ModelOwner, 'list'>): void {
  serve(completeChat, ({ body, signal }) => complete(shop, body, signal))
  serve(listOpenAiModels, () => models(owner))
}
